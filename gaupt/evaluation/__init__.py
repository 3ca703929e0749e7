"""Scores of a pretrained model."""
