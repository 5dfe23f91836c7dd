"""How fast a class is graded, and against what: `python -m benchmarks`, or `make bench`."""
