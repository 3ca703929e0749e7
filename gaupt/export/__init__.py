"""Checkpoints to folders that others can load, and public checkpoints to ours."""
