"""How much of the machine's matrix product rate a training step of the base model reaches.

    python benchmarks/matrix_share.py                          24 layers, 8 rows of 512 tokens, packed
    python benchmarks/matrix_share.py --length 4096 --batch 1 --compile --precision bfloat16

The step is forward and backward of the masked LM and the AdamW update of 1/accumulate of a global batch
(the paper's 256 rows). FLOPs by formula (gaupt.model.flops), the peak from 4096 × 768 × 3072 products in turns
with the steps. On a GPU the same commands measure it there.
"""

import argparse
import statistics

import torch
from torch.nn import functional

from gaupt.config import TrainConfig
from gaupt.device import autocast, keep_freed_memory, pick_device, pick_precision, timed
from gaupt.model.config import GAUConfig
from gaupt.model.family import masked_lm
from gaupt.model.flops import forward_flops, head_flops, training_flops
from gaupt.optimization.optimizer import build_adamw
from gaupt.peak import matrix_peak

PARSER = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
PARSER.add_argument("--layers", type=int, default=24)
PARSER.add_argument("--length", type=int, default=512)
PARSER.add_argument("--batch", type=int, default=8)
PARSER.add_argument("--segments", type=int, default=4, help="documents packed into a row")
PARSER.add_argument("--rounds", type=int, default=5)
PARSER.add_argument("--precision", default="auto", choices=["auto", "float32", "bfloat16"])
PARSER.add_argument("--compile", action="store_true")


def main() -> None:
    options = PARSER.parse_args()
    keep_freed_memory()
    device = pick_device()
    precision = pick_precision(device, options.precision)
    torch.manual_seed(0)
    config = GAUConfig(num_layers=options.layers)
    model = masked_lm(config).to(device)
    optimizer = build_adamw(model.parameters(), TrainConfig())
    tokens = options.batch * options.length
    accumulate = max(1, 256 * 512 // tokens)
    ids = torch.randint(5, config.vocab_size, (options.batch, options.length), device=device)
    segments = (
        torch.arange(options.length, device=device) * options.segments // options.length + 1
    ).expand_as(ids)
    positions = torch.randperm(tokens, device=device)[: int(0.15 * tokens)]
    labels = ids.flatten()[positions]
    forward = torch.compile(model) if options.compile else model

    def train() -> None:
        with autocast(device, precision):
            logits = forward(ids, segments, positions=positions)
        torch.autograd.backward(functional.cross_entropy(logits.float(), labels))

    def update() -> None:
        optimizer.step()

    def infer() -> None:
        with torch.inference_mode(), autocast(device, precision):
            forward(ids, segments, positions=positions)

    flops = training_flops(config, options.length, tokens, len(positions)) / 3
    train()
    update()
    peaks, trained, updated = [], [], []
    for _ in range(options.rounds):
        peaks.append(matrix_peak(device, precision, 2))
        trained.append(timed(train, device))
        updated.append(timed(update, device))
    model.eval()
    infer()
    inferred = []
    for _ in range(options.rounds):
        peaks.append(matrix_peak(device, precision, 2))
        inferred.append(timed(infer, device))
    peak = max(peaks)
    step = statistics.median(trained) + statistics.median(updated) / accumulate
    print(f"{device}, {precision}, {torch.get_num_threads()} threads, torch {torch.__version__}")
    print(f"matrix product {peak / 1e9:.0f} GFLOP/s")
    print(
        f"FLOPs a token, forward: {forward_flops(config, options.length) / 1e6:.1f} M = L (2d(2e+s) + 2ed + 2n(s+e)), "
        f"and {head_flops(config) / 1e6:.1f} M = 2dV at each of 15% of them; training takes 3 times that"
    )
    for name, taken, times in (("training step", step, 3), ("forward", statistics.median(inferred), 1)):
        print(
            f"{name}: {taken * 1e3:.0f} ms, {tokens / taken:,.0f} tokens/s, {times * flops / taken / peak:.1%} of it"
        )


if __name__ == "__main__":
    main()
