"""Ways to put authpip in front of pip: shims, shell hooks, start-up files, a virtualenv plug-in. Each can be undone."""
