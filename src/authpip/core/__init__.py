"""The words that every other folder uses: index, credential, errors, console, redaction."""
