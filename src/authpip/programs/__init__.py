"""Helper programs: how they are found, started, bounded in time, and ended."""
