from pathlib import Path

import pytest

from gaupt.shards.build import build_shards
from gaupt.tokenizer.build import build_tokenizer
from tests.made_documents import small_config


@pytest.fixture(scope="session")
def tokenizer_folder(documents: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    output = tmp_path_factory.mktemp("tokenizer") / "unigram"
    build_tokenizer(documents, output, small_config(), workers=1)
    return output


@pytest.fixture(scope="session")
def shards_folder(documents: Path, tokenizer_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    output = tmp_path_factory.mktemp("shards") / "shards"
    build_shards(documents, tokenizer_folder, output, small_config(), workers=1)
    return output
