"""Public checkpoints to ours."""
