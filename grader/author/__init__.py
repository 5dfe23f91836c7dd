"""For those who write the course: it is checked as a whole, and a broken one is refused."""
