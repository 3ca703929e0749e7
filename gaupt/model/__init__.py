"""The GAU family in plain torch. Imports nothing else of gaupt."""
