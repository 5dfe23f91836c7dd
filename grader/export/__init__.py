"""The points of a class in forms that other systems read: `grader export`, and plugins for `nbgrader export`."""
