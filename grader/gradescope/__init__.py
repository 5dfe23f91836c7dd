"""Grading by Gradescope: a zip that carries an assignment there, and what runs inside; see docs/gradescope.md."""
