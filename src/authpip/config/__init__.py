"""What the user configured: config.toml and AUTHPIP_* variables; never anything from a project."""
