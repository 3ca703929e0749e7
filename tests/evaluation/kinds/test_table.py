from typing import get_args

from gaupt.evaluation.kinds.table import KINDS
from gaupt.evaluation.tasks.task import Kind


def test_every_kind_has_its_module_with_all_it_takes() -> None:
    assert set(KINDS) == set(get_args(Kind))
    for kind in KINDS.values():
        assert all(callable(getattr(kind, name)) for name in ("outputs", "encode", "loss", "predict"))
        assert isinstance(kind.PER_TOKEN, bool)
