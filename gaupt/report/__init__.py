"""One self-contained HTML page from the files that the stages leave."""
