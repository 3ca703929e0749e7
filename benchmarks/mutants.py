"""Small wrong changes to the code, drawn at random: how many do the tests beside it notice?

    python benchmarks/mutants.py --results mutants.jsonl

Mutants are of the pure modules (MODULES below), one place each: a comparison, an operator, a number, a truth value, a
string, a default, a condition, a statement. One line of --results each; the same command goes on where it stopped,
and --show prints the survivors. A mutant counts as caught when the test file beside its module
(tests/ROOM/test_NAME.py) fails, or takes more than ten times as long and ten seconds.

Not mutated: docstrings, annotations, decorators, imports, the text of raised errors, what only a type checker reads.
"""

import argparse
import ast
import compileall
import gc
import importlib
import json
import multiprocessing
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, fields
from itertools import accumulate
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
MODULES = [
    "gaupt/text/*.py",
    "gaupt/corpus/read/*.py",
    "gaupt/corpus/change/**/*.py",
    "gaupt/corpus/drop/*.py",
    "gaupt/corpus/duplicates/*.py",
    "gaupt/tokenizer/words.py",
    "gaupt/batches/*.py",
    "gaupt/optimization/*.py",
    "gaupt/training/objective.py",
    "gaupt/training/cross_entropy.py",
    "gaupt/model/attention.py",
    "gaupt/model/gau.py",
    "gaupt/model/rotary.py",
    "gaupt/evaluation/metrics/*.py",
    "gaupt/evaluation/statistics.py",
]
"""What a function of its arguments alone is in; each has a test file beside it."""

PARSER = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
PARSER.add_argument("--count", type=int, default=300, help="mutants to draw")
PARSER.add_argument("--seed", type=int, default=1)
PARSER.add_argument(
    "--only", action="append", help="modules whose path holds this; repeatable; all by default"
)
PARSER.add_argument("--results", type=Path, required=True, help="JSON lines, added to")
PARSER.add_argument("--processes", type=int, default=os.cpu_count() or 1)
PARSER.add_argument("--show", action="store_true", help="print the survivors in --results, run nothing")

COMPARISONS = {
    ast.Lt: "<=",
    ast.LtE: "<",
    ast.Gt: ">=",
    ast.GtE: ">",
    ast.Eq: "!=",
    ast.NotEq: "==",
    ast.In: "not in",
    ast.NotIn: "in",
    ast.Is: "is not",
    ast.IsNot: "is",
}
OPERATORS = {
    ast.Add: "-",
    ast.Sub: "+",
    ast.Mult: "/",
    ast.Div: "*",
    ast.FloorDiv: "/",
    ast.Mod: "*",
    ast.Pow: "*",
    ast.LShift: ">>",
    ast.RShift: "<<",
    ast.BitAnd: "|",
    ast.BitOr: "&",
    ast.BitXor: "&",
    ast.MatMult: "+",
}


@dataclass(frozen=True)
class Mutant:
    """One small wrong change."""

    module: str
    """From the root of the clone, as ``gaupt/text/ngrams.py``."""
    line: int
    kind: str
    start: int
    end: int
    """Where the change is, in bytes."""
    old: str
    new: str

    @property
    def test(self) -> str:
        """The test file beside the module."""
        folder, _, name = self.module.rpartition("/")
        return f"{folder.replace('gaupt', 'tests', 1)}/test_{name}"

    def apply(self, source: bytes) -> bytes:
        """The module with the change."""
        return source[: self.start] + self.new.encode() + source[self.end :]


def mutants_of(module: str, source: bytes) -> list[Mutant]:
    """All mutants of a module, in the order of their places."""
    tree = ast.parse(source)
    starts = [0, *accumulate(map(len, source.splitlines(keepends=True)))]

    def place(node: ast.AST) -> tuple[int, int]:
        return (
            starts[node.lineno - 1] + node.col_offset,  # type: ignore[attr-defined]
            starts[node.end_lineno - 1] + node.end_col_offset,  # type: ignore[attr-defined]
        )

    def change(kind: str, start: int, end: int, new: str) -> Mutant:
        line = source[:start].count(b"\n") + 1
        return Mutant(module, line, kind, start, end, source[start:end].decode(), new)

    def between(left: ast.AST, right: ast.AST, kind: str, new: str) -> Iterator[Mutant]:
        # The operator stands between its operands, with brackets and line breaks around it.
        start, end = place(left)[1], place(right)[0]
        gap = source[start:end]
        stripped = gap.strip(b" \n()\\")
        if stripped and b"#" not in gap:
            at = start + gap.index(stripped)
            yield change(kind, at, at + len(stripped), new)

    found: list[Mutant] = []
    for node in _code(tree):
        if isinstance(node, ast.Compare):
            left = node.left
            for operator, right in zip(node.ops, node.comparators, strict=True):
                found += between(left, right, "comparison", COMPARISONS[type(operator)])
                left = right
        elif isinstance(node, ast.BinOp):
            found += between(node.left, node.right, "operator", OPERATORS[type(node.op)])
        elif isinstance(node, ast.AugAssign):
            found += between(node.target, node.value, "operator", f"{OPERATORS[type(node.op)]}=")
        elif isinstance(node, ast.BoolOp):
            new = "or" if isinstance(node.op, ast.And) else "and"
            for left, right in zip(node.values, node.values[1:], strict=False):
                found += between(left, right, "operator", new)
        elif isinstance(node, ast.UnaryOp):
            start, _ = place(node)
            found.append(change("operator", start, place(node.operand)[0], ""))
        elif isinstance(node, ast.Constant):
            if (other := _other(node.value)) is not None:
                found.append(change("value", *place(node), other))
        elif isinstance(node, ast.If | ast.While | ast.IfExp):
            start, end = place(node.test)
            found.append(change("condition", start, end, f"not ({source[start:end].decode()})"))
        elif isinstance(node, ast.Return | ast.Yield) and node.value is not None:
            if not (isinstance(node.value, ast.Constant) and node.value.value is None):
                found.append(change("result", *place(node.value), "None"))
        elif isinstance(node, ast.Continue):
            found.append(change("statement", *place(node), "break"))
        elif isinstance(node, ast.Break):
            found.append(change("statement", *place(node), "continue"))
        elif isinstance(node, ast.Expr) and isinstance(node.value, ast.Call):
            found.append(change("statement", *place(node), "pass"))
        elif isinstance(node, ast.Call):
            for keyword in node.keywords:
                start, end = place(keyword)
                rest = source[end:].lstrip(b" \n")
                if rest.startswith(b","):
                    end = len(source) - len(rest) + 1
                if keyword.arg:
                    found.append(change("argument", start, end, ""))
    return sorted((m for m in found if _compiles(m, source)), key=lambda m: (m.start, m.end, m.new))


def _code(tree: ast.AST) -> Iterator[ast.AST]:
    """The nodes that say what happens."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.Import | ast.ImportFrom | ast.Raise):
            continue
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            continue  # a docstring
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.dump(node.test):
            continue
        hidden: list[ast.AST | None] = []
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            hidden += node.decorator_list
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            hidden.append(node.returns)
        if isinstance(node, ast.AnnAssign | ast.arg):
            hidden.append(node.annotation)
        if isinstance(node, ast.JoinedStr):
            hidden += [part for part in node.values if isinstance(part, ast.Constant)]
        if isinstance(node, ast.FormattedValue):
            hidden.append(node.format_spec)
        for child in hidden:
            if child is not None:
                child.hidden = True  # type: ignore[attr-defined]
        if not getattr(node, "hidden", False):
            yield node
            yield from _code(node)


def _other(value: object) -> str | None:
    """Another value of a constant, as code."""
    if isinstance(value, bool):
        return str(not value)
    if isinstance(value, int):
        return str(value + 1)
    if isinstance(value, float):
        return repr(value * 1.25 if value else 1.0)
    if isinstance(value, str):
        return repr("" if value else "x")
    if isinstance(value, bytes):
        return repr(b"" if value else b"x")
    return None


def _compiles(mutant: Mutant, source: bytes) -> bool:
    try:
        compile(mutant.apply(source), mutant.module, "exec")
    except (SyntaxError, ValueError):
        return False
    return True


def draw(count: int, seed: int, only: Sequence[str]) -> list[Mutant]:
    """``count`` mutants of all there are, by ``seed``."""
    paths = sorted({path for pattern in MODULES for path in ROOT.glob(pattern) if path.name != "__init__.py"})
    mutants = [
        mutant
        for path in paths
        if (module := path.relative_to(ROOT).as_posix()) and any(part in module for part in only)
        for mutant in mutants_of(module, path.read_bytes())
        if (ROOT / mutant.test).is_file()
    ]
    print(f"{len(mutants)} mutants of {len(paths)} modules", file=sys.stderr)
    return random.Random(seed).sample(mutants, min(count, len(mutants)))


def copy_tree(folder: Path) -> None:
    """The files of the working tree that git does not ignore."""
    names = subprocess.run(
        ["git", "ls-files", "-co", "--exclude-standard", "-z"], cwd=ROOT, capture_output=True, check=True
    ).stdout
    for name in map(os.fsdecode, filter(None, names.split(b"\0"))):
        if (ROOT / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, folder / name)


def run_tests(test: str, limit: float, *, keep_compiled: bool = False) -> tuple[bool, float]:
    """Whether a test file passes, and its seconds; in a fork of this process."""
    began = time.monotonic()
    child = os.fork()
    if child == 0:
        os.setsid()
        with open(os.devnull, "w") as nowhere:
            os.dup2(nowhere.fileno(), 1)
            os.dup2(nowhere.fileno(), 2)
        import pytest
        from hypothesis import Phase, settings

        sys.dont_write_bytecode = not keep_compiled

        # A smaller example of a failure tells nothing here; tests/conftest.py starts from what is loaded.
        settings.register_profile("mutants", phases=[Phase.explicit, Phase.generate], database=None)
        settings.load_profile("mutants")
        options = ["-x", "-p", "no:cacheprovider", "-p", "no:xdist", "--hypothesis-seed=0"]
        options += ["-W", "ignore::pytest.PytestAssertRewriteWarning"]
        os._exit(pytest.main([*options, test]))
    while time.monotonic() - began < limit:
        done, status = os.waitpid(child, os.WNOHANG)
        if done:
            return os.waitstatus_to_exitcode(status) == 0, time.monotonic() - began
        time.sleep(0.02)
    os.killpg(child, signal.SIGKILL)
    os.waitpid(child, 0)
    return False, time.monotonic() - began


def judge(mutant: Mutant, tree: Path, seconds: dict[str, float]) -> dict[str, object]:
    """Whether the tests beside it catch a mutant."""
    path = tree / mutant.module
    source = path.read_bytes()
    stat = path.stat()
    if mutant.test not in seconds:
        passes, seconds[mutant.test] = run_tests(mutant.test, 600, keep_compiled=True)
        if not passes:
            raise RuntimeError(f"{mutant.test} fails without any mutant")
    try:
        path.write_bytes(mutant.apply(source))
        survives, took = run_tests(mutant.test, max(10, 10 * seconds[mutant.test]))
    finally:
        path.write_bytes(source)
        # So that what is compiled of it holds again, and held for no mutant.
        os.utime(path, ns=(stat.st_atime_ns, stat.st_mtime_ns))
    return {**asdict(mutant), "caught": not survives, "seconds": round(took, 2)}


def work(
    tree: Path, todo: "multiprocessing.Queue[Mutant | None]", done: "multiprocessing.Queue[object]"
) -> None:
    """One process: mutants from a queue, in a tree of its own."""
    copy_tree(tree)
    os.chdir(tree)
    sys.path.insert(0, str(tree))
    os.environ["PYTHONPATH"] = str(tree)
    # What ours import is loaded once, for all forks; ours are not, they are compiled.
    compileall.compile_dir(tree / "gaupt", quiet=1)
    for name in ("gaupt.demo", "gaupt.evaluation.statistics", "hypothesis", "pytest"):
        importlib.import_module(name)
    for name in [*sys.modules]:
        if name.partition(".")[0] in ("gaupt", "tests"):
            del sys.modules[name]
    gc.collect()
    gc.freeze()  # pytest collects at the end of each run, which then looks at what the run made alone
    seconds: dict[str, float] = {}
    try:
        while (mutant := todo.get()) is not None:
            done.put(judge(mutant, tree, seconds))
    finally:
        done.put(None)


def _mutant(row: dict[str, Any]) -> Mutant:
    return Mutant(**{field.name: row[field.name] for field in fields(Mutant)})


def show(results: Path) -> None:
    """Print each survivor with what stood there, and the share that was caught."""
    rows = [json.loads(line) for line in results.read_text(encoding="utf-8").splitlines()]
    for row in rows:
        if not row["caught"]:
            print(f"{row['module']}:{row['line']} ({row['kind']})\n    - {row['old']}\n    + {row['new']}")
    caught = sum(row["caught"] for row in rows)
    print(f"{caught} of {len(rows)} caught: {caught / max(len(rows), 1):.1%}")


def main() -> None:
    """Draw, judge, write."""
    options = PARSER.parse_args()
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    if options.show:
        return show(options.results)
    lines = options.results.read_text(encoding="utf-8").splitlines() if options.results.exists() else []
    known = {_mutant(json.loads(line)) for line in lines}
    mutants = [
        mutant for mutant in draw(options.count, options.seed, options.only or [""]) if mutant not in known
    ]
    context = multiprocessing.get_context("spawn")
    todo, done = context.Queue(), context.Queue()
    # Of one module together, so that what takes long without a mutant is measured once.
    for mutant in [*sorted(mutants, key=lambda m: (m.test, m.start)), *[None] * options.processes]:
        todo.put(mutant)
    with tempfile.TemporaryDirectory() as scratch, options.results.open("a", encoding="utf-8") as file:
        trees = [Path(scratch) / str(number) for number in range(options.processes)]
        workers = [context.Process(target=work, args=(tree, todo, done)) for tree in trees]
        for worker in workers:
            worker.start()
        running = len(workers)
        while running:
            row = done.get()
            if row is None:
                running -= 1
                continue
            file.write(json.dumps(row, ensure_ascii=False) + "\n")
            file.flush()
        for worker in workers:
            worker.join()
    show(options.results)


if __name__ == "__main__":
    main()
