"""The sections of `auth doctor`, one in each module: facts and problems."""
