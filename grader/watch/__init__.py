"""`grader check --watch`: one's work is checked again at every save, by a judge that stays warm."""

from grader.watch.watching import watch as watch
