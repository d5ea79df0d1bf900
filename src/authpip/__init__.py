"""Credentials for private package indexes, just in time, for one pip process alone."""

__version__ = "0.1.0"
