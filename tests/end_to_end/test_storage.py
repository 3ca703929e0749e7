"""From raw text in an object store to shards in it: the same files as on a disk, whatever breaks."""

import json
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import fsspec
import pytest

from gaupt import remote
from gaupt.config import Config, to_toml
from gaupt.corpus.clean import clean
from gaupt.preparation import prepare
from gaupt.remote import Remote
from gaupt.workers import Engine
from tests.cli.conftest import Gaupt
from tests.made_documents import small_config
from tests.processes import start
from tests.s3 import ACCOUNT, Wire, server, wire
from tests.workers.cluster import cluster

pytest.importorskip("moto")
pytest.importorskip("s3fs")
pytestmark = [pytest.mark.slow, pytest.mark.untraced]
QUICK = """
from gaupt import stage
from gaupt.workers import claims, crew
stage.BEAT = claims.BEAT = 0.2
claims.LEASE, crew.POLL = 2.0, 0.3
from gaupt.cli import main
main()
"""
KILLED = QUICK.replace(
    "from gaupt.cli",
    """
import os, signal
from gaupt.remote import Remote
send = Remote.send

def send_and_die(file, *data):
    send(file, *data)
    if str(file) == os.environ["LAST_FILE"]:
        os.kill(os.getpid(), signal.SIGKILL)

Remote.send = send_and_die
from gaupt.cli""",
)
"""The same, but that it is killed as soon as LAST_FILE is in the store."""


@pytest.fixture(scope="module")
def store() -> Iterator[Wire]:
    with server() as address, wire(address) as made, pytest.MonkeyPatch.context() as patch:
        for name, value in {**ACCOUNT, "AWS_ENDPOINT_URL": made.address}.items():
            patch.setenv(name, value)
        fsspec.filesystem("s3", use_listings_cache=False).mkdir("bucket")
        yield made


CONFIG: Config = small_config(vocab_size=600)


@pytest.fixture
def options(tmp_path: Path) -> tuple[str, ...]:
    """Of a call of gaupt that makes what ``whole`` holds."""
    (tmp_path / "config.toml").write_text(to_toml(CONFIG))
    return "--workers", "1", "--config", str(tmp_path / "config.toml")


def made(n: int) -> str:
    place = chr(0x4E00 + n % 40)
    return f"第{n}号仓库今天收到{n * n % 9973}箱货物，其中{n * 31 % 997}箱来自{place}地，按规定登记。"


@pytest.fixture(scope="module")
def raw(tmp_path_factory: pytest.TempPathFactory, store: Wire) -> Path:
    """Raw text on disk, and the same in the store under ``raw/``."""
    folder = tmp_path_factory.mktemp("raw")
    for name, numbers in (("a", range(400)), ("b", range(300, 600)), ("小说 #1", range(5))):
        lines = [{"text": made(n)} for n in numbers]
        (folder / f"{name}.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    for path in folder.iterdir():
        (Remote("s3://bucket/raw") / path.name).write_bytes(path.read_bytes())
    return folder


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory, raw: Path) -> dict[str, bytes]:
    """What `prepare` makes on a disk."""
    folder = tmp_path_factory.mktemp("disk") / "prepared"
    prepare([raw], folder, CONFIG, workers=1)
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and path.name != ".lock"
    }


def same(whole: dict[str, bytes], url: str) -> None:
    """The files in the store must be those on the disk, but for times and for what is known of the input."""
    system, key = Remote(url).file_system()
    found = {name.removeprefix(f"{key}/"): system.cat_file(name) for name in system.find(key)}
    assert found.keys() == whole.keys()
    for name in whole:
        if name.endswith("report.json"):
            assert timeless(json.loads(found[name])) == timeless(json.loads(whole[name]))
        elif name in ("files.json", "clean/files.json"):  # the lists of such files
            one, other = (json.loads(data[name])["files"] for data in (found, whole))
            assert one.keys() == other.keys()
            told = one.keys() - {"report.json", "stage.json"}  # of times, and of what is known of the input
            assert {file: one[file] for file in told} == {file: other[file] for file in told}
        elif name != "clean/stage.json":
            assert found[name] == whole[name], name


def timeless(value: Any) -> Any:
    return {k: timeless(v) for k, v in value.items() if k != "seconds"} if isinstance(value, dict) else value


@pytest.fixture(scope="module")
def one(raw: Path, store: Wire) -> dict[str, Any]:
    """The report of `prepare`, which has made ``one/`` in the store."""
    return prepare(["s3://bucket/raw"], "s3://bucket/one", CONFIG, workers=2)


def test_prepare_in_a_store_makes_the_files_of_a_disk(whole: dict[str, bytes], one: dict[str, Any]) -> None:
    same(whole, "s3://bucket/one")
    assert prepare(["s3://bucket/raw"], "s3://bucket/one", CONFIG, workers=1) == one


def test_connections_may_be_cut(
    whole: dict[str, bytes], store: Wire, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(remote, "WAITS", (0.1,) * 4)
    # The first answers, then those that are as long as the raw text: all that is long is read by `clean`.
    store.cuts += [50_000] * 3 + [100] * 3
    clean(["s3://bucket/raw"], Remote("s3://bucket/cut/clean"), CONFIG, workers=1)
    assert not store.cuts
    same({name: data for name, data in whole.items() if name.startswith("clean/")}, "s3://bucket/cut")


def test_a_killed_call_goes_on(whole: dict[str, bytes], store: Wire, options: tuple[str, ...]) -> None:
    url = "s3://bucket/killed"
    command = ("prepare", "s3://bucket/raw", "-o", url, *options)
    for done in ("clean/work/parts/000000-00000.json", "shards/work/sizes/documents-00000.jsonl.zst.json"):
        assert start("-c", KILLED, *command, LAST_FILE=f"{url}/{done}").finish()[0] == -signal.SIGKILL
        assert (Remote(url) / done).exists()
    status, _, err = start("-c", QUICK, *command).finish()
    assert status == 0, err
    assert "was in use; waiting whether it still is" in err and f"{url}/clean is complete" in err
    same(whole, url)


def test_two_calls_do_not_write_one_folder(store: Wire, raw: Path) -> None:
    command = ("clean", "s3://bucket/raw", "-o", "s3://bucket/two", "--workers", "1")
    slow = QUICK.replace(
        "from gaupt.cli",
        "import time\nfrom gaupt.corpus import clean\n"
        "clean.write_config = lambda *arguments: time.sleep(60)\nfrom gaupt.cli",
    )
    first = start("-c", slow, *command)
    first.wait_for((Remote("s3://bucket/two") / "stage.json").exists)
    status, _, err = start("-c", QUICK, *command).finish()
    assert status == 2 and "is being written by another gaupt (job 0 of 1, pid" in err, err
    assert first.process.is_alive()
    first.process.kill()


def test_jobs_of_an_array_share_a_folder_of_a_store(
    whole: dict[str, bytes], store: Wire, options: tuple[str, ...]
) -> None:
    command = ("prepare", "s3://bucket/raw", "-o", "s3://bucket/jobs", "--num-tasks", "2", *options)
    jobs = [start("-c", QUICK, *command, "--task-index", str(job)) for job in range(2)]
    for job in jobs:
        status, _, err = job.finish()
        assert status == 0, err
    same(whole, "s3://bucket/jobs")


@pytest.mark.filterwarnings("ignore")
def test_a_cluster_needs_no_disk_in_common(whole: dict[str, bytes], store: Wire, tmp_path: Path) -> None:
    pytest.importorskip("distributed")
    with cluster(tmp_path, 2) as machines:
        assert isinstance(machines.engine, Engine)
        prepare(["s3://bucket/raw"], "s3://bucket/dask", CONFIG, engine=machines.engine)
    same(whole, "s3://bucket/dask")


@pytest.mark.usefixtures("one")
def test_mistakes_are_one_line(gaupt: Gaupt) -> None:
    for arguments, message in (
        (("prepare", "s3://bucket/nowhere", "-o", "s3://bucket/x"), "s3://bucket/nowhere does not exist"),
        (("pretrain", "s3://bucket/one", "-o", "run"), "s3://bucket/one is a URL; download it"),
        (
            (
                "shard",
                "s3://bucket/one/clean",
                "--tokenizer",
                "s3://bucket/one/tokenizer",
                "-o",
                "s3://bucket/x",
                "--export",
                "parquet",
            ),
            "--export writes to folders of this machine",
        ),
        (
            ("tokenizer", "s3://bucket/raw", "-o", "s3://bucket/x"),
            "s3://bucket/raw is not a folder of gaupt clean",
        ),
        (
            ("clean", "s3://bucket/raw", "-o", "s3://bucket/raw"),
            "s3://bucket/raw holds files that gaupt clean did not write",
        ),
    ):
        assert message in gaupt(*arguments).error()
