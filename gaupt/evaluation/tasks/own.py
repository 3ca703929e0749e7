"""A task of the user's own, described by a dozen lines of TOML.

    kind = "pair"                       # classification, pair, choice, spans or reading
    fields = ["question", "title"]      # of a row: the text, or both texts; not for reading
    label = "related"                   # the field of the label
    labels = ["no", "yes"]              # left out: those that train and dev have
    metric = "macro_f1"                 # left out: accuracy
    [files]
    train = "train.jsonl"
    dev = "dev.jsonl"
    test = "test.jsonl"                 # may be left out

Files are JSON lines; ``reading`` takes SQuAD's layout, ``spans`` CLUENER's, ``choice`` C3's.
"""

import tomllib
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from gaupt.errors import GauptError
from gaupt.evaluation.tasks.read import read_choices, read_labelled, read_questions, read_tagged
from gaupt.evaluation.tasks.task import METRICS, Kind, Task


class _Files(BaseModel):
    model_config = ConfigDict(extra="forbid")
    train: str
    dev: str
    test: str | None = None


class _OwnTask(BaseModel):
    model_config = ConfigDict(extra="forbid")
    kind: Kind
    name: str | None = None
    fields: tuple[str, ...] = ()
    label: str = "label"
    labels: tuple[str, ...] | None = None
    metric: str = ""
    probe_length: int = Field(128, ge=16)
    files: _Files

    @model_validator(mode="after")
    def _kind_has_what_it_needs(self) -> "_OwnTask":
        texts = {"classification": 1, "pair": 2}.get(self.kind, 0)
        if len(self.fields) != texts:
            raise ValueError(f"kind = {self.kind!r} takes {texts} names in fields, found {len(self.fields)}")
        if self.kind == "spans" and not self.labels:
            raise ValueError("kind = 'spans' needs labels, the types of its entities")
        if self.metric and self.metric not in METRICS[self.kind]:
            raise ValueError(
                f"metric = {self.metric!r}: kind = {self.kind!r} is judged by {' or '.join(METRICS[self.kind])}"
            )
        return self


def read_own_task(path: Path) -> Task:
    """The task that the TOML file at ``path`` describes; its files stand relative to the file.

    Raises:
        GauptError: the file is missing, no TOML, or describes no task.
    """
    try:
        own = _OwnTask.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
    except OSError as error:
        raise GauptError(f"cannot read {path}: {error.strerror}") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise GauptError(f"{path} is not valid TOML: {error}") from None
    except ValidationError as error:
        problems = "; ".join(_problem(item) for item in error.errors())
        raise GauptError(f"{path}: {problems}; docs/evaluation.md shows such a file") from None
    readers = {
        "spans": partial(read_tagged, labels=own.labels or ()),
        "choice": read_choices,
        "reading": read_questions,
    }
    read: Any = readers.get(own.kind) or partial(
        read_labelled, texts=_texts(own.fields), labels=own.labels, label_field=own.label
    )
    return Task(
        own.name or path.stem,
        own.kind,
        read,
        own.labels,
        files={
            "train": ((own.files.train,),),
            "dev": ((own.files.dev,),),
            "test": ((own.files.test,),) if own.files.test else (),
        },
        metric=own.metric,
        source=f"the files that {path} names",
        probe_length=own.probe_length,
        description=str(path),
        root=path.parent,
    )


def _texts(fields: tuple[str, ...]) -> Any:
    def texts(record: Mapping[str, Any]) -> tuple[str, ...]:
        return tuple(record[name] for name in fields)

    return texts


def _problem(item: Any) -> str:
    where = ".".join(map(str, item["loc"]))
    message = item["msg"].removeprefix("Value error, ")
    if item["type"] == "extra_forbidden":
        known = _Files.model_fields if item["loc"][0] == "files" else _OwnTask.model_fields
        message = f"unknown, expected one of {', '.join(known)}"
    elif item["type"] == "missing":
        message = "missing"
    elif item["type"] == "literal_error":
        message = f"{item['input']!r} is not one of {item['ctx']['expected'].replace(chr(39), '')}"
    return f"{where}: {message[0].lower()}{message[1:]}" if where else message
