"""Students' repositories on GitHub: a workflow that answers every push, and how staff collect the work."""

from grader.classroom.template import write_workflow as write_workflow
