"""A model as folders and files that others can load."""
