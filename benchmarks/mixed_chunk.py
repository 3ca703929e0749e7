"""Time and memory of full and mixed chunk attention as texts grow longer.

    python benchmarks/mixed_chunk.py --layers 4

One row of each length, forward and training, in turns in one process; memory is the peak of a fresh process
on a CPU, with what a row of 16 tokens takes subtracted.
"""

import argparse
from dataclasses import replace

from gaupt.bench.contestants import ours
from gaupt.bench.measure import MODES, Work, interleaved, peak_memory, runner
from gaupt.device import keep_freed_memory, pick_device, pick_precision
from gaupt.model.config import GAUConfig

PARSER = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
PARSER.add_argument("--layers", type=int, default=24)
PARSER.add_argument("--rounds", type=int, default=3)
PARSER.add_argument("--lengths", type=int, nargs="+", default=[512, 1024, 2048, 4096, 8192, 16384])
PARSER.add_argument("--mode", choices=MODES, default="training")
PARSER.add_argument("--precision", default="auto", choices=["auto", "float32", "bfloat16"])


def main() -> None:
    options = PARSER.parse_args()
    keep_freed_memory()
    device = pick_device()
    precision = pick_precision(device, options.precision)
    full = GAUConfig(num_layers=options.layers)
    pair = [ours("full", full), ours("mixed chunk", replace(full, attention="mixed_chunk"))]
    base = [peak_memory(contestant, Work(16, 1, device, precision), options.mode) for contestant in pair]
    print(f"{options.mode}, {options.layers} layers, {device}")
    print(f"{'tokens':>8}{'full s':>10}{'chunks s':>10}{'faster':>8}{'full MB':>10}{'chunks MB':>10}")
    for length in options.lengths:
        work = Work(length, 1, device, precision)
        times = interleaved(
            [runner(c, work, options.mode, compiled=False) for c in pair], device, options.rounds
        )
        memory = [(peak_memory(c, work, options.mode) - b) / 2**20 for c, b in zip(pair, base, strict=True)]
        print(
            f"{length:>8}{times[0]:>10.2f}{times[1]:>10.2f}{times[0] / times[1]:>8.1f}"
            f"{memory[0]:>10,.0f}{memory[1]:>10,.0f}",
            flush=True,
        )


if __name__ == "__main__":
    main()
