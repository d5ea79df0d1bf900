"""pip with a key ring: credentials for private indexes, just in time, for one pip process alone."""

__version__ = "0.1.0"
