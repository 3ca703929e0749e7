"""Shared by all tests: the optional folder of development data, and a small prepared corpus."""

import gc
import os
import sys
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

# What the fixtures call is imported in them: each test file then loads no more of the package than it tests.

# Four test processes with as many threads as cores each would spend their time on switching; compilers too.
os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("TORCHINDUCTOR_COMPILE_THREADS", "1")
# What is written in the language of the locale is read in English here, whoever runs the tests.
os.environ["LC_ALL"] = "C.UTF-8"

# How long an example takes is the machine's affair: benchmarks measure time, tests do not.
settings.register_profile("gaupt", deadline=None)
settings.load_profile("gaupt")

TINY_MODEL = [
    "model.num_layers=2",
    "model.hidden_size=32",
    "model.expanded_size=64",
    "model.key_size=16",
]
"""Sizes of the smallest model."""

TINY = [
    "tokenizer.vocab_size=1500",
    "tokenizer.type=char",
    "tokenizer.character_coverage=0.95",
    "shards.seq_len=64",
    "shards.validation_share=0.05",
    *TINY_MODEL,
    "train.steps=6",
    "train.batch_tokens=512",
    "train.micro_batch_tokens=256",
    "train.warmup_share=0.3",
    "train.log_every=2",
    "train.eval_every=4",
    "train.eval_tokens=512",
    "train.checkpoint_every=3",
    "train.lr=1e-2",
]
"""Options of the smallest chain that does everything."""


def pytest_runtest_setup(item: pytest.Item) -> None:
    if item.get_closest_marker("gpu"):
        import torch

        if not torch.cuda.is_available():
            pytest.skip("no GPU")


_tracer = pytest.StashKey[Any]()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, Any, Any]:
    # What measures coverage looks at every call of pytest's own, too, thousands a test. It is on in tests alone.
    item.stash[_tracer] = sys.gettrace()
    sys.settrace(None)
    try:
        return (yield)
    finally:
        sys.settrace(item.stash[_tracer])


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, Any, Any]:
    # To measure coverage doubles the time of much Python code. A property test runs the same lines hundreds of times.
    if not any(map(item.get_closest_marker, ("untraced", "hypothesis"))):
        sys.settrace(item.stash[_tracer])
    try:
        return (yield)
    finally:
        sys.settrace(None)


@pytest.fixture(scope="session", autouse=True)
def unsynced() -> Iterator[None]:
    """No waiting for the disk: what tests write need not outlive a power cut. That files are synced has tests."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "fsync", lambda descriptor: None)
        yield


@pytest.fixture(scope="session", autouse=True)
def forked_workers() -> Iterator[None]:
    """Workers are forked from a process that has imported torch; those of commands that tests start are spawned."""
    from gaupt.workers.pool import worker_pool
    from tests.processes import Workers

    pool = worker_pool.__wrapped__
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pool, "__defaults__", (*pool.__defaults__[:-1], Workers()))
        yield


SHARED = Path(__file__).resolve().parents[2] / "shared"
"""The folder of development data beside the clone, where there is one."""


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of development data beside the clone; tests that need it are skipped where it is absent."""
    if not SHARED.is_dir():
        pytest.skip("the development data beside the clone (../shared) is absent")
    return SHARED


@pytest.fixture(scope="session")
def documents(tmp_path_factory) -> Path:
    """A small folder of documents as `gaupt clean` writes it. Read only."""
    from tests.made_documents import make_documents

    return make_documents(tmp_path_factory.mktemp("corpus") / "clean")


@pytest.fixture(scope="session")
def tiny_config():
    from gaupt.config import load_config

    return load_config(overrides=TINY)


@pytest.fixture(scope="session")
def prepared(tmp_path_factory, tiny_config) -> Path:
    """A `gaupt prepare` folder of the bundled sample. Read only."""
    from gaupt.demo import sample_documents
    from gaupt.preparation import prepare

    folder = tmp_path_factory.mktemp("sample") / "prepared"
    prepare([sample_documents()], folder, tiny_config, workers=1)
    return folder


def shorten_trials(patch: pytest.MonkeyPatch) -> None:
    """Let the trial before a run time no more than it must."""
    from gaupt import device
    from gaupt.training import trial

    patch.setattr(device, "TIMED_SECONDS", 0)
    patch.setattr(trial, "TIMED_TOKENS", 64)


@pytest.fixture
def short_trial(monkeypatch: pytest.MonkeyPatch) -> None:
    shorten_trials(monkeypatch)


@pytest.fixture(scope="session")
def tokenizer_folder(documents: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    from gaupt.tokenizer.build import build_tokenizer
    from tests.made_documents import small_config

    output = tmp_path_factory.mktemp("tokenizer") / "unigram"
    build_tokenizer(documents, output, small_config(), workers=1)
    return output


@pytest.fixture(scope="session")
def shards_folder(documents: Path, tokenizer_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    from gaupt.shards.build import build_shards
    from tests.made_documents import small_config

    output = tmp_path_factory.mktemp("shards") / "shards"
    build_shards(documents, tokenizer_folder, output, small_config(), workers=1)
    return output


def pytest_collection_finish() -> None:
    # What was imported stays; the garbage collector need not look through it again and again.
    gc.freeze()
