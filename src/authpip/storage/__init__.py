"""What is kept: stored logins, the OS keyring, cached tokens, and one caller at a time."""
