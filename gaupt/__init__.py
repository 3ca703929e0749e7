"""gaupt: from raw Chinese text to a pretrained Gated Attention Unit encoder."""

__version__ = "0.1.0"
