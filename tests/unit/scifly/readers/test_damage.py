"""Some damaged files of every format; bench/bench_readers.py reads a million."""

import random

import pytest

from scifly import readers
from scifly.readers.instrument_file import HEAD
from support.scifly.damage import damaged, outcome, samples

SAMPLES = samples()


@pytest.mark.parametrize("name", SAMPLES)
def test_whole_files_are_read(name: str) -> None:
    assert outcome(name, SAMPLES[name], readers()) == "read"


@pytest.mark.parametrize("name", SAMPLES)
def test_damage_raises_nothing_but_our_errors(name: str) -> None:
    draw, found = random.Random(name), readers()
    for _ in range(200):
        outcome(name, damaged(SAMPLES[name], draw), found)


@pytest.mark.parametrize("name", sorted(SAMPLES.keys() - {"a.xy", "a.h5", "day.sle"}))  # they tell no end
def test_a_copy_that_is_not_over_is_never_whole(name: str) -> None:
    """A copy has its full length from its beginning; what is not there yet is zeros."""
    whole, found = SAMPLES[name], readers()
    for length in range(0, len(whole.rstrip(b"\r\n\0")) - 1, 1 + len(whole) // 150):
        copied = whole[:length].ljust(len(whole), b"\0")
        end = outcome(name, copied, found)
        assert end != "read", whole[max(0, length - 40) : length]
        assert length < HEAD or end != "not ours", whole[max(0, length - 40) : length]
