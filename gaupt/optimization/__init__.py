"""How weights are updated: the optimizer and its learning rates, for pretraining and fine-tuning alike."""
