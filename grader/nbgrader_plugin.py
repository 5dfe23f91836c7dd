"""What an nbgrader_config.py calls: `from grader.nbgrader_plugin import configure`, then `configure(c)`."""

from grader.nbgrader.plugin import configure

__all__ = ["configure"]
