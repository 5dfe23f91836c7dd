"""One's own work: laid out, found, graded here and now, and shown at the terminal."""
