"""What `auth doctor` looks at: one module a section, each with its facts and what is wrong."""
