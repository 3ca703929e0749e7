"""Letters, characters and n-grams: one answer for all stages."""
