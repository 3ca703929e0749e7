"""Time and peak memory of learning a unigram vocabulary: ours, and plain sentencepiece on the same lines.

    python benchmarks/vocabulary.py DOCUMENTS [--vocab-size 12000] [--sample-chars 10000000] [--only NAME]

Plain is sentencepiece with the same options, but for words: no delimiter, no segmentation.
"""

import argparse
import io
import resource
import subprocess
import sys
import tempfile
from pathlib import Path

from gaupt.config import TokenizerConfig
from gaupt.tokenizer.sample import count_characters, sample_lines
from gaupt.tokenizer.train import THREADS


def train_plain(documents: Path, vocab_size: int, characters: int) -> None:
    import sentencepiece

    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=sample_lines(documents, count_characters(documents), characters, seed=0),
        model_writer=io.BytesIO(),
        model_type="unigram",
        vocab_size=vocab_size,
        character_coverage=TokenizerConfig().character_coverage,
        normalization_rule_name="identity",
        add_dummy_prefix=False,
        remove_extra_whitespaces=False,
        byte_fallback=True,
        max_sentence_length=1 << 24,
        num_threads=THREADS,
        minloglevel=3,
    )


def main() -> None:
    parser = argparse.ArgumentParser(usage=__doc__)
    parser.add_argument("documents", type=Path)
    parser.add_argument("--vocab-size", type=int, default=12_000)
    parser.add_argument("--sample-chars", type=int, default=10_000_000)
    parser.add_argument("--only", choices=["ours", "plain", "train-plain"])
    options = parser.parse_args()
    if options.only == "train-plain":
        return train_plain(options.documents, options.vocab_size, options.sample_chars)
    size = ("--vocab-size", str(options.vocab_size))
    with tempfile.TemporaryDirectory() as folder:
        ours = [
            "-m",
            "gaupt",
            "tokenizer",
            str(options.documents),
            "-o",
            f"{folder}/t",
            *size,
        ]
        ours += ["--set", f"tokenizer.sample_chars={options.sample_chars}", "--quiet"]
        plain = [__file__, str(options.documents), "--only", "train-plain", *size]
        plain += ["--sample-chars", str(options.sample_chars)]
        for name, command in (("ours", ours), ("plain", plain)):
            if options.only not in (None, name):
                continue
            before = resource.getrusage(resource.RUSAGE_CHILDREN)
            subprocess.run([sys.executable, *command], check=True)
            after = resource.getrusage(resource.RUSAGE_CHILDREN)
            seconds = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
            # The peak is of all children so far: run one with --only for its own.
            print(f"{name}: {seconds:.0f} CPU seconds, peak {after.ru_maxrss / 1024:.0f} MB", flush=True)


if __name__ == "__main__":
    main()
