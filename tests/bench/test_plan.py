"""What will be measured: who takes part, at which sizes, and how long that takes by the estimate."""

import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from gaupt.bench import plan as planning
from gaupt.bench.contestants import contestants, ours
from gaupt.bench.measure import Work, step_flops
from gaupt.bench.options import SIZES, Options
from gaupt.bench.plan import (
    BUDGET,
    LIMIT,
    Pace,
    Plan,
    describe,
    drawing,
    duration,
    entrants,
    first_calls,
    fit,
    taking_part,
)
from gaupt.errors import GauptError
from gaupt.model.flops import forward_flops, head_flops
from gaupt.peak import PRODUCT_FLOPS
from gaupt.progress import Progress
from tests.exporting.folders import write_checkpoint
from tests.model.small import FAMILY

QUIET = Progress(quiet=True)


def at(speed: float) -> Pace:
    """A machine that does ``speed`` FLOP/s and waits for nothing else."""
    return Pace(1 / speed, 0.0, 0.0, 0.0, peak=speed)


Paced = Callable[[Pace], None]


@pytest.fixture
def paced(monkeypatch: pytest.MonkeyPatch) -> Paced:
    """Decide what the first timed calls find."""
    return lambda pace: monkeypatch.setattr(planning, "first_calls", lambda *_: pace)


def planned(full: bool = False, **named: object) -> Plan:
    return planning.plan([], named, full, QUIET)


def test_long_rows_are_for_mixed_chunks_alone() -> None:
    everyone = contestants(layers=2, vocab_size=100, longest=2048)
    names = {n: [c.name for c in taking_part(everyone, n, Options())] for n in (512, 2048, 8192)}
    assert "GAU-2 mixed chunk" not in names[512] and "GAU-2" in names[512]
    assert "GAU-2 mixed chunk" in names[2048]
    assert names[8192] == ["GAU-2 mixed chunk"]
    assert "GAU-2" in [c.name for c in taking_part(everyone, 8192, Options(lengths=(8192,)))]


def test_mixed_chunks_take_part_from_1024_tokens_on_or_alone() -> None:
    everyone = contestants(layers=2, vocab_size=100, longest=2048)
    for length, takes_part in ((1023, False), (1024, True)):
        names = [c.name for c in taking_part(everyone, length, Options(lengths=(length,)))]
        assert ("GAU-2 mixed chunk" in names) is takes_part
    alone = [contestant for contestant in everyone if "mixed" in contestant.name]
    assert taking_part(alone, 1023, Options(lengths=(1023,))) == alone


def test_names_choose_whatever_holds_them_in_any_case_and_in_their_order() -> None:
    options = Options(layers=2, only=("roformerv1", "GAU-2"))
    chosen = [contestant.name for contestant in entrants(options, [])]
    assert chosen[:3] == ["GAU-2", "GAU-2 mixed chunk", "RoFormerV1-1"]
    assert "RoFormerV2-1" not in chosen
    mine = ours("runs/mine", FAMILY["softmax_plus"])
    assert entrants(replace(options, only=()), [mine])[-1] == mine


def test_a_name_that_nobody_has_is_refused_with_those_that_there_are(paced: Paced) -> None:
    with pytest.raises(GauptError, match=r"--only mamba: no contestant .*\(GAU-24, GAU-24 mixed chunk, Ro"):
        planned(only=("GAU", "mamba"))
    paced(at(1e15))
    with pytest.raises(GauptError, match=r"--only GAU-24: .*\(GAU-2, .*; numbers follow --layers\)"):
        planned(only=("GAU-24",))
    assert planned(only=("GAU-24",), layers=24).contestants[0].name == "GAU-24"


def test_the_first_sizes_within_the_budget_are_chosen_else_the_last() -> None:
    asked: list[Options] = []

    def total(options: Options) -> float:
        asked.append(options)
        return BUDGET + 1 if options.layers > 8 else BUDGET

    first = next(sizes for sizes in SIZES if sizes.layers <= 8)
    assert fit({}, total) == first
    assert asked == list(SIZES[: SIZES.index(first) + 1])
    assert fit({}, lambda options: BUDGET + 1) == SIZES[-1]
    assert fit({"rounds": 7}, total) == replace(first, rounds=7)


def test_a_fast_machine_measures_the_whole_table_and_slower_ones_less(paced: Paced) -> None:
    found = []
    for speed in (1e14, 1e12, 3e11, 1e11, 1e10):
        paced(at(speed))
        plan = planned()
        assert plan.deadline is not None
        assert plan.seconds <= BUDGET or plan.options == SIZES[-1]
        found.append(plan.options)
    assert found[0] == Options()
    assert [SIZES.index(options) for options in found] == sorted({SIZES.index(o) for o in found})


def test_what_is_named_is_measured_however_long_it_takes(paced: Paced) -> None:
    paced(at(1e10))
    plan = planned(layers=24, lengths=(512,), mixed_lengths=(), batch_tokens=4096)
    assert (plan.options.layers, plan.options.lengths, plan.options.batch_tokens) == (24, (512,), 4096)
    assert plan.seconds > BUDGET and plan.deadline is None
    assert plan.options.rounds == SIZES[-1].rounds


def test_it_ends_in_time_where_no_size_is_named_or_the_sizes_fit(paced: Paced) -> None:
    paced(at(1e8))
    begun = time.monotonic()
    plan = planned(precision="float32")
    assert plan.seconds > LIMIT and plan.options == replace(SIZES[-1], precision="float32")
    assert plan.deadline is not None and begun + LIMIT <= plan.deadline <= time.monotonic() + LIMIT
    paced(at(1e14))
    assert planned(rounds=2).deadline is not None


def test_who_is_in_no_table_is_not_built(paced: Paced) -> None:
    paced(at(1e12))
    for lengths, takes_part in (((128,), False), ((128, 2048), True)):
        plan = planned(layers=2, lengths=lengths, mixed_lengths=())
        names = [contestant.name for contestant in plan.contestants]
        assert names[0] == "GAU-2" and names.count("GAU-2 mixed chunk") == takes_part
        assert names == [c.name for c in entrants(plan.options, []) if takes_part or "mixed" not in c.name]


def test_full_is_the_whole_table_on_any_machine(paced: Paced) -> None:
    paced(at(1e8))
    plan = planned(full=True)
    assert plan.options == Options() and plan.deadline is None
    assert plan.seconds == plan.whole
    assert [(table.mode, table.work.length) for table in plan.tables] == [
        (mode, n) for n in (128, 512, 2048, 8192) for mode in ("forward", "training")
    ]
    assert planned(full=True, layers=2).options == Options(layers=2)


def test_the_estimate_is_of_all_calls_and_of_what_stands_around_them(paced: Paced) -> None:
    named = {
        "layers": 2,
        "lengths": (64,),
        "mixed_lengths": (),
        "batch_tokens": 128,
        "rounds": 3,
        "only": ("V2",),
    }
    (contestant,) = entrants(Options(layers=2, lengths=(64,), only=("V2",)), [])
    work = Work(64, 2, torch.device("cpu"), torch.float32)
    flops = sum(step_flops(contestant, work, mode) for mode in ("forward", "training"))
    paced(at(1e9))
    # one call to warm up, three timed, one whose memory is measured; the matrix product as often, and a warm-up
    assert planned(**named).seconds == pytest.approx((5 * flops + 2 * 4 * 4 * PRODUCT_FLOPS) / 1e9)
    paced(Pace(0.0, 1.0, 0.0, 0.0, peak=1e30))
    weights = 128 * 12 * 64  # of one layer
    assert planned(**named).seconds == pytest.approx(5 * weights * (1 + 1 / 3))
    paced(Pace(0.0, 0.0, 0.0, 7.0, peak=1e30))
    assert planned(**named).seconds == pytest.approx(2 * 7)
    paced(Pace(0.0, 0.0, 1.0, 0.0, peak=1e30))
    assert planned(**named).seconds == pytest.approx(3 * drawing(contestant, Pace(0, 0, 1, 0, 0)))
    paced(at(1e9))
    compiled = planned(compile=True, **named).seconds
    assert compiled == pytest.approx((9 * flops + 2 * 4 * 4 * PRODUCT_FLOPS) / 1e9 + 2 * planning.COMPILING)


def test_drawing_is_counted_by_the_weights() -> None:
    for contestant in (ours("a", FAMILY["softmax_plus"]), ours("b", FAMILY["roformer_v2"])):
        matrices = sum(p.numel() for p in contestant.build().parameters() if p.dim() > 1)
        assert drawing(contestant, Pace(0, 0, 1.0, 0, 0)) == pytest.approx(matrices, rel=0.1)
        assert forward_flops(contestant.config, 0) + head_flops(contestant.config) > 0


def test_compiling_without_a_compiler_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shutil.which", lambda name: None)
    with pytest.raises(GauptError, match=r"--compile needs a C\+\+ compiler"):
        planned(compile=True)


def test_a_model_of_ones_own_takes_part_under_its_path(tmp_path: Path, paced: Paced) -> None:
    paced(at(1e12))
    folder = write_checkpoint(tmp_path / "mine", FAMILY["softmax_plus"], tmp_path).folder
    plan = planning.plan([folder], {"only": ("mine",)}, False, QUIET)
    assert [contestant.name for contestant in plan.contestants] == [str(folder)]
    assert {contestant.name for table in plan.tables for contestant in table.contestants} == {str(folder)}


@pytest.mark.parametrize(("load", "busy"), [(2.0, False), (2.1, True)])
def test_other_work_on_the_machine_is_named(
    load: float, busy: bool, paced: Paced, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    paced(at(1e12))
    monkeypatch.setattr("os.getloadavg", lambda: (load, 0.0, 0.0))
    monkeypatch.setattr(planning, "default_workers", lambda: 4)
    planning.plan([], {}, False, Progress())
    assert ("(load 2.1 on 4 cores): figures will be rough" in capsys.readouterr().err) is busy


def test_the_plan_says_what_and_how_long(paced: Paced) -> None:
    paced(at(1e10))
    plan = planned()
    assert describe(replace(plan, seconds=65.0, whole=7300.0)).split("\n") == [
        "plan: GAU of 2 layers and baselines of 1, forward and training, medians of 2",
        "plan: 4 tables: rows of 128, 512 tokens; 512 tokens a batch",
        "plan: about 65 seconds (--full: 2 hours); Ctrl-C keeps the tables that are there",
    ]
    whole = describe(planned(full=True))
    assert "rows of 128, 512, 2048 tokens, 8192 for mixed chunks; 4096 tokens" in whole
    assert "--full" not in whole


def test_durations_have_two_digits() -> None:
    given = [0.5, 9.0, 119.0, 120.0, 190.0, 7100.0, 7200.0, 26_640.0]
    assert [duration(seconds) for seconds in given] == [
        "0.5 seconds", "9 seconds", "119 seconds", "2 minutes", "3.2 minutes", "118 minutes", "2 hours", "7.4 hours",
    ]  # fmt: skip


@pytest.mark.slow
def test_the_first_calls_are_timed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(planning, "peak_memory", lambda *_: 1)
    monkeypatch.setattr(planning, "matrix_peak", lambda *_, **__: 1e9)
    monkeypatch.setattr(planning, "Work", lambda length, *rest: Work(-(-length // 8), *rest))
    pace = first_calls(torch.device("cpu"), torch.float32)
    assert pace.flop > 0 and pace.parameter > 0 and pace.peak == 1e9
    assert pace.weight >= 0 and pace.process >= 0
