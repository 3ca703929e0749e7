"""An exported folder loaded by the libraries that it is for, without gaupt, and what they compute beside what we do."""

import json
import os
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

import torch
from safetensors.torch import load_file, save_file
from torch import Tensor

from gaupt.checkpoint.finetuned import CHOICE, READING, FineTuned
from gaupt.checkpoint.load import LoadedModel
from gaupt.errors import GauptError
from gaupt.exporting import loading
from gaupt.exporting.layouts import loader_of
from gaupt.exporting.quantize import QUANTIZED
from gaupt.model.config import GAUConfig
from gaupt.model.heads import pool
from gaupt.tokenizer.load import Tokenizer

TOLERANCE = 1e-4
"""Largest difference of two numbers, as a share of the largest number: float32 sums in another order."""
TEXTS = (
    "今天天气很好，我们一起去公园散步吧。",
    "北京大学成立于1898年，是中国第一所国立综合性大学。",
    "这台 MacBook Pro 卖 12,999 元，比去年便宜了 8%！",
    "好",
    "𠮷野家的牛丼😀 café ＡＢＣ",
)
_LONGEST = 64
_CHOICES = 2


@dataclass(frozen=True)
class Checked:
    """What a check found."""

    versions: dict[str, str]
    """Of the libraries that loaded the folder."""
    differences: dict[str, float]
    """By output, the largest difference as a share of the largest number."""

    def told(self) -> str:
        """It in one line."""
        libraries = ", ".join(f"{name} {version}" for name, version in self.versions.items())
        found = ", ".join(f"{name} {value:.1e}" for name, value in self.differences.items())
        return f"checked with {libraries}, without gaupt: {len(TEXTS)} texts have our ids; numbers differ by {found}"


def check_folder(folder: Path, loaded: LoadedModel, layout: str, python: str = "") -> Checked:
    """Load ``folder``, which holds ``loaded``, with the library of its ``layout`` in a process without gaupt.

    ``python`` is the interpreter of that process, of an environment that has the library; empty: this one's.

    Raises:
        GauptError: the library is not there or cannot load the folder, or finds other ids or numbers.
    """
    loader = ".".join(loader_of(layout, loaded.model.config) or ["auto"])
    tokenizer = loaded.vocabulary()
    inputs = _inputs(loaded, tokenizer)
    with tempfile.TemporaryDirectory() as name:
        scratch = Path(name)
        save_file(inputs, scratch / "inputs.safetensors")
        (scratch / "texts.json").write_text(json.dumps(TEXTS), encoding="utf-8")
        told = _run([python or sys.executable, "-I", loading.__file__, str(folder), loader, name], folder)
        outputs = load_file(scratch / "outputs.safetensors")
    for text, ids in zip(TEXTS, told.ids, strict=True):
        if ids != [tokenizer.special.cls, *tokenizer.encode(text), tokenizer.special.sep]:
            raise GauptError(f"{folder}: {text!r} has other ids there than here; export it anew and tell us")
    expected = _expected(loaded, inputs)
    scored = loaded.finetuned is None or loaded.finetuned.per_token
    mask, differences = inputs["attention_mask"].flatten(0, -2), {}
    for output, tensor in outputs.items():
        name = output.rpartition("/")[2]
        per_token = scored or name == "last_hidden_state"
        differences[output] = _difference(tensor, expected[name], mask, per_token)
    for name, value in differences.items():
        # Numbers of 8 bits are others by design: they are told and not judged.
        if not value <= TOLERANCE and not name.startswith(QUANTIZED.name):
            raise GauptError(
                f"{folder}: {name} differs by {value:.1e} of the largest number, and may by {TOLERANCE:.0e}; "
                f"export it anew and tell us ({', '.join(f'{k} {v}' for k, v in told.versions.items())})"
            )
    return Checked(told.versions, differences)


@dataclass(frozen=True)
class _Told:
    """What the other process says."""

    versions: dict[str, str]
    ids: list[list[int]]
    """Of each text."""


def _run(command: list[str], folder: Path) -> _Told:
    # Its cache of code stands in the scratch folder: another model of the same name may be in the user's.
    environment = {**os.environ, "HF_HOME": command[-1], "HF_MODULES_CACHE": command[-1]}
    try:
        done = subprocess.run(
            command,
            capture_output=True,
            text=True,
            encoding="utf-8",
            errors="replace",
            env=environment,
            stdin=subprocess.DEVNULL,
            check=False,
        )
    except OSError as error:
        raise GauptError(
            f"export.python = {command[0]}: {error.strerror}; give the python of an environment"
        ) from None
    if done.returncode == 0:
        return _Told(**json.loads(done.stdout.splitlines()[-1]))
    last = (done.stderr.strip().splitlines() or ["it says nothing"])[-1]
    if last.startswith("ModuleNotFoundError"):
        missing = last.rpartition("'")[0].rpartition("'")[2]
        raise GauptError(
            f"--check loads {folder} with {missing}, which {command[0]} does not have: pip install {missing}, "
            "or name an environment that has it with --set export.python=PATH/bin/python"
        )
    raise GauptError(f"{folder} cannot be loaded by {command[0]}: {last}")


def _inputs(loaded: LoadedModel, tokenizer: Tokenizer) -> dict[str, Tensor]:
    """``input_ids`` and ``attention_mask`` of the texts, [texts, n] or [1, choices, n]: padded rows and a full one."""
    special, shape = tokenizer.special, loaded.model.config
    # Of mixed chunks one row goes into a second chunk.
    chunk = shape.chunk_size if isinstance(shape, GAUConfig) and shape.attention == "mixed_chunk" else 0
    longest = min(chunk + _LONGEST, shape.max_length)
    whole = [tokenizer.encode(text) for text in TEXTS]
    whole.append([id_ for ids in whole for id_ in ids] * longest)
    rows = [[special.cls, *ids[: longest - 2], special.sep] for ids in whole]
    ids = torch.full((len(rows), longest), special.pad)
    for row, values in zip(ids, rows, strict=True):
        row[: len(values)] = torch.tensor(values)
    mask = (torch.arange(longest) < torch.tensor([len(row) for row in rows])[:, None]).long()
    if loaded.finetuned is not None and loaded.finetuned.architecture == CHOICE:
        ids, mask = (x.view(-1, _CHOICES, longest) for x in (ids, mask))
    return {"input_ids": ids, "attention_mask": mask}


@torch.inference_mode()
def _expected(loaded: LoadedModel, inputs: dict[str, Tensor]) -> dict[str, Tensor]:
    """What our own model computes of the inputs, under the names of the outputs."""
    ids, mask = (inputs[name].flatten(0, -2) for name in ("input_ids", "attention_mask"))
    hidden = loaded.model.encode(ids, mask)
    head, states = loaded.finetuned, {"last_hidden_state": hidden}
    if head is None:
        return states | {"logits": loaded.model.logits(hidden)}
    scores = _scores(head, hidden if head.per_token else pool(hidden, mask, head.pooling))
    if head.architecture == READING:
        return states | dict(zip(("start_logits", "end_logits"), scores.unbind(-1), strict=True))
    return states | {"logits": scores.view(-1, _CHOICES) if head.architecture == CHOICE else scores}


def _scores(head: FineTuned, states: Tensor) -> Tensor:
    return torch.nn.functional.linear(states, head.weights["weight"], head.weights["bias"])


def _difference(found: Tensor, ours: Tensor, mask: Tensor, per_token: bool) -> float:
    """The largest difference, as a share of the largest number; ``per_token`` of real tokens, where ``mask`` is 1.

    Infinite where shapes differ.
    """
    if found.shape != ours.shape:
        return float("inf")
    if per_token:
        found, ours = found[mask.bool()], ours[mask.bool()]
    return float((found - ours).abs().max() / ours.abs().max().clamp(min=1e-30))
