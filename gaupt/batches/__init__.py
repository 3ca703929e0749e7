"""Token shards to training batches: which rows come when, and what of them is masked."""
