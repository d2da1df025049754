"""Where a lake's files are, and how they are written: a folder or an object store, whole files or none."""
