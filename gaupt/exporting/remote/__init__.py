"""What an exported folder carries besides gaupt.model: its transformers configuration and models."""
