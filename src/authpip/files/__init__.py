"""Files: who owns them, where authpip's own are, and how they are read and written."""
