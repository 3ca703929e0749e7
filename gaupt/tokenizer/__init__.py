"""Documents to a vocabulary."""
