"""What a class did and what it misunderstood, as one page for its teachers: `grader report NAME`."""
