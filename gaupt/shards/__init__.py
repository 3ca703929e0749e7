"""Documents to token shards, and from shards to training batches."""
