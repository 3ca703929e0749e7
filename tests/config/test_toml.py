"""Config files: what is read, and what is said of a file that is none."""

import os
import tomllib
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from gaupt.config import Config, config_from, to_toml
from gaupt.config.toml import read_toml
from gaupt.errors import GauptError

TEXT = "# 学习率\n[train]\nlr = 1e-3\n"


@pytest.mark.slow
@given(
    seed=st.integers(0, 2**63 - 1),
    lr=st.floats(1e-9, 10, allow_nan=False),
    share=st.floats(0, 0.9),
    pattern=st.text(st.characters(exclude_categories=["Cs"])),
)
@example(seed=0, lr=1e-3, share=0.5, pattern="wiki*")
def test_toml_gives_back_any_value(seed: int, lr: float, share: float, pattern: str) -> None:
    train = {"lr": lr, "mask_token_share": share, "source_weights": {pattern: 2.0}}
    config = Config.model_validate({"seed": seed, "train": train})
    assert config_from(tomllib.loads(to_toml(config)), "test") == config


def test_a_bound_that_is_none_reads_back() -> None:
    config = Config.model_validate({"train": {"clip_norm": float("inf")}})
    assert config_from(tomllib.loads(to_toml(config)), "test") == config


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "gbk", "gb18030"])
@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
def test_a_byte_order_mark_and_gbk_are_no_mistakes(tmp_path: Path, encoding: str, line_end: str) -> None:
    (tmp_path / "my.toml").write_bytes(TEXT.replace("\n", line_end).encode(encoding))
    assert read_toml(tmp_path / "my.toml") == {"train": {"lr": 1e-3}}


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (None, "does not exist"),
        (b"[train\n", "not valid TOML: .*line 1.*such as lr = 1e-4 under"),
        (b"\xff\xff\xff", "neither UTF-8 nor GBK; save it as UTF-8"),
        (b"\xff\xfea", "neither UTF-8 nor GBK"),
        (TEXT.encode("utf-16-le"), "not a text file in UTF-8"),
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "not a text file in UTF-8; name a TOML file"),
    ],
)
def test_a_bad_file_is_named_with_a_remedy(tmp_path: Path, content: bytes | None, expected: str) -> None:
    file = tmp_path / "bad.toml"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(GauptError, match=expected) as caught:
        read_toml(file)
    assert str(file) in str(caught.value)


def test_a_folder_is_told_with_the_config_in_it(tmp_path: Path) -> None:
    with pytest.raises(GauptError, match="is a folder; name the TOML file in it"):
        read_toml(tmp_path)
    (tmp_path / "config.toml").write_text(TEXT, encoding="utf-8")
    with pytest.raises(GauptError, match=r"is a folder; name .*config\.toml"):
        read_toml(tmp_path)


def test_a_pipe_a_device_and_a_link_to_nothing_are_one_line(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "link").symlink_to("missing.toml")
    for path, message in (
        (tmp_path / "pipe", "pipe is a pipe or a device; name a TOML file"),
        (Path("/dev/zero"), "/dev/zero is a pipe or a device"),
        (tmp_path / "link", "link is a link to missing.toml, which does not exist"),
    ):
        with pytest.raises(GauptError, match=message):
            read_toml(path)
