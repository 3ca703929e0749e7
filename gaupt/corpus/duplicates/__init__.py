"""Duplicates: documents and paragraphs that stand in the corpus already."""
