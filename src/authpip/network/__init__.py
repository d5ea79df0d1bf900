"""One request to an index, by pip's own way. Only the commands make one; a run of pip makes none."""
