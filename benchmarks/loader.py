"""Tokens per second that the sampler alone delivers.

    python benchmarks/loader.py SHARDS [--seq-len 512] [--batch-tokens 131072] [--workers 0 1 2]

Batches are packed, masked and ready to train on. Wall-clock seconds, without the first batches, which start
the workers and touch the files.
"""

import argparse
import time
from pathlib import Path

from gaupt.batches.sampler import MaskedLMSampler

WARM_UP, MEASURED = 10, 60


def main() -> None:
    parser = argparse.ArgumentParser(usage=__doc__)
    parser.add_argument("shards", type=Path)
    parser.add_argument("--seq-len", type=int, default=512)
    parser.add_argument("--batch-tokens", type=int, default=131_072)
    parser.add_argument("--workers", type=int, nargs="+", default=[0, 1, 2])
    options = parser.parse_args()
    started = time.perf_counter()
    sampler = MaskedLMSampler(
        options.shards, options.seq_len, options.batch_tokens // options.seq_len, seed=0
    )
    print(f"opened in {time.perf_counter() - started:.2f} s; padding {sampler.padding_share:.2%}")
    for workers in options.workers:
        batches = sampler.batches(0, WARM_UP + MEASURED, num_workers=workers)
        for _ in range(WARM_UP):
            next(batches)
        started, tokens = time.perf_counter(), 0
        for batch in batches:
            tokens += batch.tokens
        print(f"{workers} workers: {tokens / (time.perf_counter() - started) / 1e6:.2f} M tokens/s")


if __name__ == "__main__":
    main()
