"""Whose a file is, where it lies, how it is read and written."""
