from pathlib import Path

import pytest

from gaupt.tokenizer.build import build_tokenizer
from tests.made_documents import small_config, text


@pytest.fixture(scope="session", params=["unigram", "bpe", "char"])
def folder(request: pytest.FixtureRequest, documents: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small tokenizer of each type."""
    output = tmp_path_factory.mktemp("tokenizers") / request.param
    size = 250 if request.param == "char" else 480
    build_tokenizer(documents, output, small_config(type=request.param, vocab_size=size), workers=1)
    return output


@pytest.fixture(scope="session")
def lines() -> list[str]:
    """Lines to learn a vocabulary from."""
    return [line for i in range(600) for line in text(i).split("\n")]
