"""Files of models, changed as an attacker or a broken program would: each is refused by name, in time and memory.

What `benchmarks/damage.py --hostile` does. No list of checksums stands beside these files, or it has been made anew.
"""

import faulthandler
import json
import os
import random
import resource
import shutil
import struct
import sys
import time
import traceback
from collections import Counter
from collections.abc import Callable, Mapping
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path
from typing import Any

LIMIT = 60
"""Seconds that a reader may take."""
MEMORY = 6 << 30
"""Bytes of addresses that it may ask for, besides those that it has."""
TEXT = "今天[MASK]气很好，abc 12."
"""What models are asked; one may be too short for it."""
_WRITTEN = {"@1e400@": "1e400", "@-1e400@": "-1e400", "@nan@": "NaN", "@deep@": "[" * 100_000 + "]" * 100_000}
"""What no value of Python's is written as."""
_VALUES: tuple[Any, ...] = (
    None, [], {}, -1, 0, 1, 2**31, 2**63, 10**9, 10**30, 0.5, -0.0, "x", "", True, False, [None], {"a": {}}, [[1]],
    "字" * 100_000, "(a+)+$", "[MASK]", "\ud800", "../../x", {"Regex": "(a*)*b"}, [0, 10**12], *_WRITTEN,
)  # fmt: skip


@dataclass(frozen=True)
class Reader:
    """A folder of files, and what reads it."""

    folder: Path
    names: tuple[str, ...]
    """The files that are changed."""
    read: Callable[[Path, Path], object]
    """Takes the folder, and one to write to."""
    seal: Callable[[Path], None] = lambda folder: None
    """Makes the list of checksums anew."""


def attack(times: int, seed: int, temporary: Path, make: Callable[[Path], Mapping[str, Reader]]) -> None:
    """Change a file of a kind so many times, and tell how its reader took it; processes do, one after the other."""
    counts, failures, first = Counter[str](), list[str](), 0
    slowest: tuple[float, str] = (0.0, "")
    while first < times:
        ours, theirs = os.pipe()
        if (process := os.fork()) == 0:
            os.close(ours)
            try:
                work(first, times, seed, temporary, make, theirs)
            except BaseException:
                traceback.print_exc()
            os._exit(1)
        os.close(theirs)
        told = ""
        with os.fdopen(ours, encoding="utf-8") as results:
            for line in results:
                result = json.loads(line)
                told = result["told"]
                if "outcome" in result:
                    first = result["number"] + 1
                    counts[f"{result['kind']}: {result['outcome']}"] += 1
                    slowest = max(slowest, (result["seconds"], told))
                    if result["problem"]:
                        failures.append(f"{told}: {result['problem']}")
        status = os.waitstatus_to_exitcode(os.waitpid(process, 0)[1])
        if first < times:
            said = (temporary / "stderr").read_text(encoding="utf-8", errors="replace")[-1200:]
            failures.append(f"{told}: ends its process with {status}: {said}")
            first += 1
            counts["ends its process"] += 1
            if not told:
                break
    print(
        f"{times} hostile files, {len(failures)} failures; the slowest took {slowest[0]:.1f} s ({slowest[1][:200]})"
    )
    for name, count in sorted(counts.items()):
        print(f"  {name}: {count}")
    for failure in failures:
        print(f"- {failure}")


def work(
    first: int,
    times: int,
    seed: int,
    temporary: Path,
    make: Callable[[Path], Mapping[str, Reader]],
    results: int,
) -> None:
    """Change files from number ``first`` on, in a process of its own."""
    errors = os.open(temporary / "stderr", os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    os.dup2(errors, 2)  # the panics of libraries tell themselves
    readers = make(temporary / "whole")
    for name, reader in readers.items():
        if not first:  # what is whole must be taken
            reader.seal(reader.folder)
            reader.read(reader.folder, temporary / "output")
            print(f"{name}: taken as it is", file=sys.stderr)
            shutil.rmtree(temporary / "output", ignore_errors=True)
    with open("/proc/self/statm") as file:
        size = int(file.read().split()[0]) * os.sysconf("SC_PAGE_SIZE")
    resource.setrlimit(resource.RLIMIT_AS, (size + MEMORY, resource.RLIM_INFINITY))
    with os.fdopen(results, "w", encoding="utf-8") as out:
        for number in range(first, times):
            faulthandler.dump_traceback_later(LIMIT, exit=True)
            one(number, random.Random(f"{seed} {number}"), temporary, readers, out)
    faulthandler.cancel_dump_traceback_later()
    sys.stderr.flush()
    os._exit(0)


def one(number: int, rng: random.Random, temporary: Path, readers: Mapping[str, Reader], out: Any) -> None:
    """Change one file, read the folder, and write what came of it."""
    from gaupt.errors import GauptError

    def tell(**facts: object) -> None:
        out.write(json.dumps({"number": number, "kind": kind, "told": told, **facts}) + "\n")
        out.flush()

    kind = [*readers][number % len(readers)]
    reader, copy, output = readers[kind], temporary / "copy", temporary / "output"
    for left in (copy, output):
        shutil.rmtree(left, ignore_errors=True)
    shutil.copytree(reader.folder, copy)
    name = rng.choice(reader.names)
    data, how = changed((copy / name).read_bytes(), name, rng)
    (copy / name).write_bytes(data)
    told = f"{number} {kind}: {name}: {how}"
    tell()
    outcome, problem, begun = "taken", "", time.monotonic()
    try:
        reader.seal(copy)
        reader.read(copy, output)
    except GauptError as error:
        outcome = "refused"
        if not any(named in str(error) for named in (str(copy), name, TEXT)):
            problem = f"names no file: {error}"
        if "\n" in str(error) or len(str(error)) > 2000:
            problem = f"too long to be a line: {str(error)[:300]!r}"
    except BaseException:
        outcome, problem = "traceback", traceback.format_exc(limit=-4)
    tell(outcome=outcome, problem=problem, seconds=time.monotonic() - begun)


def changed(data: bytes, name: str, rng: random.Random) -> tuple[bytes, str]:
    """Other content for a file, and in words what was done to it."""
    if name.endswith(".json") and rng.random() < 0.85:
        text, how = changed_json(json.loads(data), rng)
        return text.encode("utf-8", "surrogatepass"), how
    if name.endswith(".safetensors") and rng.random() < 0.8:
        return changed_tensors(data, rng)
    changes = list[str]()
    for _ in range(rng.choice([1, 1, 2, 8])):
        place, length = rng.randrange(len(data) + 1), rng.choice([1, 2, 16, 1000])
        match rng.choice(["flip", "cut", "insert", "repeat", "remove", "ones"]):
            case "flip" if place < len(data):
                data = data[:place] + bytes([data[place] ^ 1 << rng.randrange(8)]) + data[place + 1 :]
            case "cut":
                data = data[:place]
            case "insert":
                data = data[:place] + rng.randbytes(length) + data[place:]
            case "repeat":
                data = data[: place + length] + data[place:]
            case "ones":
                data = data[:place] + b"\xff" * length + data[place + length :]
            case _:
                data = data[:place] + data[place + length :]
        changes.append(f"byte {place}")
    return data, ", ".join(changes)


def changed_json(value: Any, rng: random.Random) -> tuple[str, str]:
    """The text of a JSON value with one part, or a few, of it replaced, removed or doubled."""
    changes, whole = list[str](), [value]
    for _ in range(rng.choice([1, 1, 1, 2, 5])):
        holder, key, path = whole, 0, ""
        while (inner := holder[key]) and isinstance(inner, (dict, list)) and (not path or rng.random() < 0.8):
            holder, key = (
                inner,
                rng.choice([*inner]) if isinstance(inner, dict) else rng.randrange(len(inner)),
            )
            path = f"{path}/{key}"
        match rng.choice(["value", "value", "value", "remove", "twice"]):
            case "remove" if isinstance(holder, dict):
                del holder[key]
                changes.append(f"{path} removed")
            case "twice" if isinstance(holder, dict):
                holder[f"{key}@twice@"] = deepcopy(rng.choice(_VALUES))
                changes.append(f"{path} twice")
            case _:
                holder[key] = deepcopy(rng.choice(_VALUES))
                changes.append(f"{path} = {str(holder[key])[:40]!r}")
    text = json.dumps(whole[0]).replace("@twice@", "")
    for sign, written in _WRITTEN.items():
        text = text.replace(f'"{sign}"', written)
    return text, ", ".join(changes)


def changed_tensors(data: bytes, rng: random.Random) -> tuple[bytes, str]:
    """The bytes of a safetensors file with another header, another length of it, or other numbers."""
    (length,) = struct.unpack("<Q", data[:8])
    header, rest = data[8 : 8 + length], data[8 + length :]
    match rng.choice(["header", "header", "header", "length", "numbers"]):
        case "length":
            length = rng.choice(
                [0, 1, length - 1, length + 1, len(data), 10**8, 10**9, 2**40, 2**63, 2**64 - 1]
            )
            return struct.pack("<Q", length) + header + rest, f"header of {length} bytes"
        case "numbers":
            sign = rng.choice(
                [b"\xff\xff\xff\xff", b"\x00\x00\x80\x7f", b"\xff\xff\x7f\x7f"]
            )  # NaN, inf, the largest
            place = rng.randrange(len(rest) // 4) * 4
            count = rng.choice([1, 64, len(rest) // 4])
            rest = (rest[:place] + sign * count + rest[place + 4 * count :])[: len(rest)]
            return data[: 8 + length] + rest, f"{count} numbers are {sign.hex()}"
        case _:
            values = json.loads(header)
            if rng.random() < 0.5:
                text, how = changed_json(values, rng)
            else:
                name = rng.choice([*values])
                facts = values.get(name)
                which = rng.choice(["dtype", "shape", "data_offsets", "name"])
                begin, end = facts.get("data_offsets", [0, 0])
                facts[which] = {
                    "dtype": rng.choice(
                        ["F16", "BF16", "I64", "U8", "BOOL", "F8_E4M3", "F4", "C64", "F64", "Z9"]
                    ),
                    "shape": rng.choice(
                        [[], [0], [2**62, 4], [-1], [1] * 5000, [*reversed(facts.get("shape", []))]]
                    ),
                    "data_offsets": rng.choice(
                        [[begin + 1, end], [0, end], [end, begin], [begin, 2**63], [0, 0]]
                    ),
                }.get(which, 0)
                if which == "name":
                    values[f"{name}.x"] = values.pop(name)
                text, how = json.dumps(values), f"{which} of {name} = {str(facts.get(which))[:40]}"
            header = text.encode("utf-8", "surrogatepass")
            return struct.pack("<Q", len(header)) + header + rest, f"header with {how}"
