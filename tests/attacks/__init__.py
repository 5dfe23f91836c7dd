"""The attack suite: one submission per cheat, graded in the jail, and run without it to show that it bites."""
