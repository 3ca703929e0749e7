"""Raw files to documents: what is read, changed, dropped, and taken for a duplicate."""
