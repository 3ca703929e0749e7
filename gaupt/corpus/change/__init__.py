"""What is changed: the steps that a text goes through."""
