"""The judge: runs no student code, holds the suites and the references, and decides every point."""
