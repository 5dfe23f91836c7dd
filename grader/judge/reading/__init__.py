"""What a submission's code shows without being run: whence an answer's values come, and signs that it hides."""
