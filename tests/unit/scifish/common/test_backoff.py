"""Waits that grow."""

import random

import pytest

from scifish.common.backoff import back_off


@pytest.mark.parametrize(
    ("failures", "shortest", "longest"),
    [(1, 0.25, 0.5), (2, 0.5, 1.0), (4, 2.0, 4.0), (5, 2.5, 5.0), (9999, 2.5, 5.0)],
)
def test_waits_grow_and_are_shortened_at_random(failures: int, shortest: float, longest: float) -> None:
    assert back_off(failures, first=0.5, longest=5.0, draw=lambda: 0.0) == shortest
    assert back_off(failures, first=0.5, longest=5.0, draw=lambda: 1.0) == longest


def test_the_factor_is_given() -> None:
    assert back_off(3, first=1.0, longest=60.0, factor=3.0, draw=lambda: 1.0) == 9.0


def test_no_two_waits_are_the_same() -> None:
    assert len({back_off(1, first=1.0, longest=1.0) for _ in range(20)}) > 1


def test_a_wait_takes_nothing_from_the_random_numbers_of_the_program() -> None:
    before = random.getstate()
    back_off(1, first=1.0, longest=1.0)
    assert random.getstate() == before
