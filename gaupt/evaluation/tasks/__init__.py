"""The tasks of CLUE and FewCLUE, and the user's own: where their files are and what a row of them says."""
