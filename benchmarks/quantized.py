"""Torch, ONNX and ONNX with 8 bits on a CPU: accuracy, speed and size of the same model.

    python benchmarks/quantized.py MODEL --data dev.json [--batch 32] [--threads 1] [--rounds 3]
    python benchmarks/quantized.py --random base [--batch 1 8] [--length 128 512] [--threads 1] [--rounds 5]

MODEL is a folder of `gaupt evaluate --save` for a task of single texts, and dev.json its rows, with `sentence` and
`label`. With --random, a model of a preset's size with random weights: its speed is that of a trained one, and nothing
can be said of its accuracy. The three ways take turns; a ratio is that of one turn, of CPU seconds where there is one
thread. Needs onnx, onnxscript and onnxruntime.
"""

import argparse
import json
import statistics
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import onnxruntime
import torch
from numpy.typing import NDArray
from tokenizers import Tokenizer

from gaupt.checkpoint.finetuned import FineTuned
from gaupt.checkpoint.load import load_model
from gaupt.config.load import load_config
from gaupt.exporting.onnx import write_onnx
from gaupt.exporting.quantize import quantize_int8
from gaupt.model.family import masked_lm
from gaupt.model.heads import Classifier, pool
from gaupt.model.masked_lm import MaskedLM

Feed = dict[str, NDArray[np.int64]]
Way = Callable[[Feed], NDArray[np.float32]]
LENGTH = 512


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("model", type=Path, nargs="?")
    parser.add_argument("--data", type=Path)
    parser.add_argument("--random", metavar="PRESET")
    parser.add_argument("--batch", type=int, nargs="+", default=[1, 8])
    parser.add_argument("--length", type=int, nargs="+", default=[128, 512])
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    with tempfile.TemporaryDirectory() as scratch:
        if options.random:
            torch.manual_seed(0)
            model, head = masked_lm(load_config(preset=options.random).model).eval(), None
        else:
            loaded = load_model(options.model)
            model, head = loaded.model, loaded.finetuned
        ways = made(model, head, Path(scratch), options.threads)
        if options.random:
            speeds(ways, model.config.vocab_size, options)
        else:
            accuracies(ways, head, options)


def made(model: MaskedLM, head: FineTuned | None, scratch: Path, threads: int) -> dict[str, Way]:
    """The three ways; prints the sizes of the files."""
    exact, small = scratch / "model.onnx", scratch / "model_quantized.onnx"
    write_onnx(model, head, exact, "auto" if head else "features")
    quantize_int8(exact, small)
    numbers = sum(p.numel() for p in model.parameters())
    print(f"{numbers / 1e6:.1f} M parameters; float32 {size(exact)}, int8 {size(small)}")
    return {
        "torch float32": by_torch(model, head),
        "ONNX float32": by_onnx(exact, threads),
        "ONNX int8": by_onnx(small, threads),
    }


def size(path: Path) -> str:
    return f"{path.stat().st_size / 1e6:.1f} MB"


def by_torch(model: MaskedLM, head: FineTuned | None) -> Way:
    classifier = None
    if head is not None:
        labels, width = head.weights["weight"].shape
        classifier = Classifier(width, labels, dropout=0.0).eval()
        classifier.load_state_dict(head.weights)

    @torch.inference_mode()
    def run(feed: Feed) -> NDArray[np.float32]:
        ids, mask = (torch.from_numpy(feed[name]) for name in ("input_ids", "attention_mask"))
        hidden = model.encode(ids, mask)
        if head is not None and classifier is not None:
            hidden = classifier(pool(hidden, mask, head.pooling))
        return hidden.numpy()

    return run


def by_onnx(path: Path, threads: int) -> Way:
    settings = onnxruntime.SessionOptions()
    settings.intra_op_num_threads = threads
    # Threads that wait spin, and would take the time of the way that is measured next.
    settings.add_session_config_entry("session.intra_op.allow_spinning", "0")
    session = onnxruntime.InferenceSession(path, settings)
    return lambda feed: session.run(None, feed)[0]


def accuracies(ways: dict[str, Way], head: FineTuned | None, options: argparse.Namespace) -> None:
    assert head is not None, "MODEL has no head; gaupt evaluate --save keeps one"
    rows = [json.loads(line) for line in options.data.read_text(encoding="utf-8").splitlines()]
    labels = {label: place for place, label in enumerate(head.labels)}
    rows = [row for row in rows if str(row.get("label", "")) in labels]
    gold = np.array([labels[str(row["label"])] for row in rows])
    tokenizer = Tokenizer.from_file(str(options.model / "tokenizer.json"))
    tokenizer.enable_truncation(LENGTH)
    texts = [encoded.ids for encoded in tokenizer.encode_batch([row["sentence"] for row in rows])]
    order = np.argsort([len(text) for text in texts], kind="stable")
    print(f"{len(rows)} texts of {np.mean([len(text) for text in texts]):.0f} tokens on average")
    for batch in options.batch:
        parts = [order[first : first + batch] for first in range(0, len(order), batch)]
        feeds = [padded([texts[place] for place in part]) for part in parts]
        found = {
            name: np.concatenate([way(feed) for feed in feeds])[np.argsort(order)]
            for name, way in ways.items()
        }
        seconds = timed(ways, feeds, options)
        for name, scores in found.items():
            best = scores.argmax(1)
            same = (best == found["torch float32"].argmax(1)).mean()
            print(
                f"batch {batch:3}  {name:14} accuracy {(best == gold).mean():.2%}, {same:.2%} as torch, "
                f"{speed(name, seconds, len(rows))}"
            )


def speeds(ways: dict[str, Way], vocabulary: int, options: argparse.Namespace) -> None:
    draw = np.random.default_rng(0)
    for batch in options.batch:
        for length in options.length:
            ids = draw.integers(5, vocabulary, (batch, length))
            feed = {"input_ids": ids, "attention_mask": np.ones_like(ids)}
            found = {name: way(feed) for name, way in ways.items()}
            seconds = timed(ways, [feed], options)
            exact = found["torch float32"]
            for name, states in found.items():
                off = (states - exact).std() / exact.std()
                print(
                    f"batch {batch}, {length} tokens  {name:14} {speed(name, seconds, batch)}, "
                    f"states off by {off:.1e} of their standard deviation",
                    flush=True,
                )


def padded(texts: Sequence[Sequence[int]]) -> Feed:
    ids = np.zeros((len(texts), max(map(len, texts))), np.int64)
    mask = np.zeros_like(ids)
    for row, text in enumerate(texts):
        ids[row, : len(text)], mask[row, : len(text)] = text, 1
    return {"input_ids": ids, "attention_mask": mask}


def timed(ways: dict[str, Way], feeds: Sequence[Feed], options: argparse.Namespace) -> dict[str, list[float]]:
    """Seconds of each round of each way, which have run before."""
    # What one thread computes is told without the time that other programs take from it.
    clock = time.process_time if options.threads == 1 else time.perf_counter
    seconds: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(options.rounds):
        for name, way in ways.items():
            started = clock()
            for feed in feeds:
                way(feed)
            seconds[name].append(clock() - started)
    return seconds


def speed(name: str, seconds: dict[str, list[float]], texts: int) -> str:
    rate = texts / statistics.median(seconds[name])
    ratios = [a / b for a, b in zip(seconds["torch float32"], seconds[name], strict=True)]
    return f"{rate:.1f} texts/s, {statistics.median(ratios):.2f} times torch ({min(ratios):.2f} to {max(ratios):.2f})"


if __name__ == "__main__":
    main()
