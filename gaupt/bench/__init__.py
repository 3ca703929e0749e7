"""Speed, memory and size of the family and of its baselines, side by side."""
