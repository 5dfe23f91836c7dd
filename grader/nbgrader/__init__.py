"""What stands in nbgrader's pipeline, and what is read from and written into a course of nbgrader's."""
