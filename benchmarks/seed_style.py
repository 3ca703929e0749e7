"""A GAU written the plain way against ours: real tokens a second of training on the same text.

    python benchmarks/seed_style.py DATA --layers 6

DATA is a folder of gaupt prepare or gaupt shard. The plain way: attention by einsum with a masked softmax and
torch's dropout, a sample a row padded to the longest of its batch of 32 (the paper's), and every position
projected on the vocabulary. Ours: the same samples packed, attention inside each, masked positions projected.
Forward and backward, in turns in one process; medians; without the optimizer, which is the same for both.
"""

import argparse
import math
import random
import statistics
import time
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.nn import functional

from gaupt.batches.sampler import MaskedLMSampler
from gaupt.device import autocast, keep_freed_memory, pick_device, pick_precision
from gaupt.model.config import GAUConfig
from gaupt.model.family import masked_lm
from gaupt.model.rotary import rotary_angles
from gaupt.tokenizer.load import load_tokenizer
from gaupt.training.data import find_data

PARSER = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
PARSER.add_argument("data", type=Path)
PARSER.add_argument("--layers", type=int, default=24)
PARSER.add_argument("--rows", type=int, default=8, help="packed rows in a batch")
PARSER.add_argument("--plain-rows", type=int, default=32, help="padded rows in a batch, at most")
PARSER.add_argument("--length", type=int, default=512)
PARSER.add_argument("--steps", type=int, default=5)
PARSER.add_argument("--precision", default="auto", choices=["auto", "float32", "bfloat16"])
PARSER.add_argument("--compile", action="store_true", help="compile both")


class PlainLayer(nn.Module):
    """The equations, one after another."""

    def __init__(self, d: int, e: int, s: int) -> None:
        super().__init__()
        self.e, self.s = e, s
        self.i_dense = nn.Linear(d, 2 * e + s, bias=False)
        self.o_dense = nn.Linear(e, d, bias=False)
        self.gamma = nn.Parameter(torch.ones(2, s))
        self.dropout = nn.Dropout(0.1)

    def forward(self, x: Tensor, cos: Tensor, sin: Tensor, mask: Tensor) -> Tensor:
        u, v, z = torch.split(functional.silu(self.i_dense(x)), [self.e, self.e, self.s], dim=-1)
        qk = torch.einsum("bns,hs->bnhs", z, self.gamma)
        first, second = qk[..., 0::2], qk[..., 1::2]
        cos, sin = cos[:, None], sin[:, None]
        qk = torch.stack((first * cos - second * sin, second * cos + first * sin), dim=-1).flatten(-2)
        scores = torch.einsum("bms,bns->bmn", qk[:, :, 0], qk[:, :, 1]) / math.sqrt(self.s)
        lengths = mask.sum(-1)[:, None, None].float()
        scores = scores * lengths.log() / math.log(512)
        scores = scores.masked_fill(mask[:, None, :] == 0, -math.inf)
        weights = self.dropout(torch.softmax(scores, dim=-1))
        out = self.o_dense(u * torch.einsum("bmn,bne->bme", weights, v))
        y = x + self.dropout(out)
        return y / torch.sqrt(torch.mean(y**2, dim=-1, keepdim=True) + 1e-12)


class PlainGAU(nn.Module):
    """A masked LM of `PlainLayer`."""

    def __init__(self, config: GAUConfig) -> None:
        super().__init__()
        d, e, s = config.hidden_size, config.expanded_size, config.key_size
        self.s = s
        self.embedding = nn.Embedding(config.vocab_size, d)
        self.types = nn.Embedding(2, d)
        self.layers = nn.ModuleList(PlainLayer(d, e, s) for _ in range(config.num_layers))
        for parameter in self.parameters():
            if parameter.dim() == 2 and parameter.shape[0] > 2:
                nn.init.normal_(parameter, std=0.0125)

    def forward(self, ids: Tensor, mask: Tensor) -> Tensor:
        x = self.embedding(ids) + self.types(torch.zeros_like(ids))
        x = x / torch.sqrt(torch.mean(x**2, dim=-1, keepdim=True) + 1e-12)
        cos, sin = rotary_angles(ids.shape[1], self.s, ids.device)
        for layer in self.layers:
            x = layer(x, cos, sin, mask)
        return functional.linear(x, self.embedding.weight)


def unpack(
    ids: Tensor, segments: Tensor, labels: Tensor, pad: int, rows: int
) -> list[tuple[Tensor, Tensor, Tensor]]:
    """The samples of packed rows, a row each, in random order and in batches of at most ``rows``."""
    samples = []
    for row, segment, label in zip(ids, segments, labels, strict=True):
        for number in range(1, int(segment.max()) + 1):
            samples.append((row[segment == number], label[segment == number]))
    random.Random(0).shuffle(samples)
    batches = []
    for start in range(0, len(samples), rows):
        part = samples[start : start + rows]
        longest = -(-max(len(sample) for sample, _ in part) // 8) * 8
        padded = torch.stack(
            [functional.pad(sample, (0, longest - len(sample)), value=pad) for sample, _ in part]
        )
        wanted = torch.stack(
            [functional.pad(label, (0, longest - len(label)), value=-100) for _, label in part]
        )
        mask = torch.stack([(torch.arange(longest) < len(sample)).long() for sample, _ in part])
        batches.append((padded, mask, wanted))
    return batches


def main() -> None:
    options = PARSER.parse_args()
    keep_freed_memory()
    device = pick_device()
    precision = pick_precision(device, options.precision)
    data = find_data(options.data)
    tokenizer = load_tokenizer(data.tokenizer)
    config = GAUConfig(num_layers=options.layers, vocab_size=tokenizer.vocab_size)
    sampler = MaskedLMSampler(options.data, seq_len=options.length, rows=options.rows, seed=0)
    torch.manual_seed(0)
    ours, plain = masked_lm(config).to(device), PlainGAU(config).to(device)
    call_ours, call_plain = (torch.compile(m) if options.compile else m for m in (ours, plain))
    rates: list[tuple[float, float]] = []
    samples = real = places = 0
    for step in range(options.steps + 1):
        batch = sampler.batch(step)
        ids, segments, positions, targets = (
            torch.from_numpy(x).long()
            for x in (batch.input_ids, batch.segment_ids, batch.positions, batch.labels)
        )
        labels = torch.full_like(ids, -100).flatten().index_copy(0, positions, targets).view_as(ids)
        padded = [
            tuple(x.to(device) for x in part)
            for part in unpack(ids, segments, labels, tokenizer.special.pad, options.plain_rows)
        ]
        places += sum(rows.numel() for rows, _, _ in padded) if step else 0
        real += batch.tokens if step else 0
        samples += sum(len(rows) for rows, _, _ in padded) if step else 0
        packed = [x.to(device) for x in (ids, segments, positions, targets)]

        start = time.perf_counter()
        with autocast(device, precision):
            logits = call_ours(packed[0], packed[1], positions=packed[2])
        torch.autograd.backward(functional.cross_entropy(logits.float(), packed[3]))
        _wait(device)
        middle = time.perf_counter()
        for rows, mask, wanted in padded:
            with autocast(device, precision):
                logits = call_plain(rows, mask)
            torch.autograd.backward(functional.cross_entropy(logits.float().flatten(0, 1), wanted.flatten()))
        _wait(device)
        end = time.perf_counter()
        ours.zero_grad(set_to_none=True)
        plain.zero_grad(set_to_none=True)
        if step:  # the first warms up
            rates.append((batch.tokens / (middle - start), batch.tokens / (end - middle)))
    ours_rate, plain_rate = (statistics.median(rate) for rate in zip(*rates, strict=True))
    print(
        f"{device}, {precision}, {torch.get_num_threads()} threads, {options.layers} layers, vocabulary of "
        f"{config.vocab_size:,}; {options.rows} packed rows of {options.length}, {real / samples:.0f} tokens a sample, "
        f"{1 - real / places:.0%} of the padded rows is padding; medians of {len(rates)}"
    )
    print(f"plain, padded: {plain_rate:,.0f} real tokens/s")
    print(f"ours, packed:  {ours_rate:,.0f} real tokens/s, {ours_rate / plain_rate:.2f} times")


def _wait(device: torch.device) -> None:
    if device.type == "cuda":
        torch.cuda.synchronize()


if __name__ == "__main__":
    main()
