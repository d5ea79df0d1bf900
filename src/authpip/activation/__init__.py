"""In front of pip: shims, shell hooks, one environment, environments still to be made. All of it can be undone."""
