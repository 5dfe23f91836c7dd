"""This course folder's nbgrader settings; an existing course adds the same two calls to its own."""

from grader.nbgrader_plugin import configure

c = get_config()  # noqa: F821 - nbgrader provides it
c.CourseDirectory.course_id = "from-network-to-regression"
configure(c)
