"""Scores of a frozen encoder in seconds: means of states and a ridge, no tuning, and what they have to beat."""
