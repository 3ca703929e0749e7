"""The kinds of tasks: how rows become items, what is learned from them, and what scores mean."""
