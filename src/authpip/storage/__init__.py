"""Stored logins, the OS keyring, cached tokens, the audit trail, and locks for one caller at a time."""
