"""The sizes of the table, whole and smaller."""

from itertools import pairwise

from gaupt.bench.options import SIZES, Options


def test_the_whole_table_is_the_papers_24_layers_with_12_000_pieces() -> None:
    assert SIZES[0] == Options()
    assert (Options().layers, Options().vocab_size) == (24, 12_000)


def test_fewer_layers_have_as_much_less_vocabulary() -> None:
    assert [Options(layers=layers).vocab_size for layers in (12, 4, 1)] == [6000, 2000, 500]


def test_sizes_shrink() -> None:
    def work(options: Options) -> int:
        rows = sum((*options.lengths, *options.mixed_lengths))
        return options.layers * options.batch_tokens * options.rounds * rows

    assert all(work(larger) > work(smaller) for larger, smaller in pairwise(SIZES))


def test_every_length_is_whole_rows_of_a_batch() -> None:
    for options in SIZES:
        assert all(options.batch_tokens % length == 0 for length in options.lengths)
