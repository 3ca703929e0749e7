"""The official metrics of CLUE, to the last digit of the public scripts."""
