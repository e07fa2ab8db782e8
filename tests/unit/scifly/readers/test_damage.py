"""Some damaged files of every format; bench/bench_readers.py reads a million."""

import random

import pytest

from scifly import readers
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
