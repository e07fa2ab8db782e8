"""Delays and patience."""

from hypothesis import given
from hypothesis import strategies as st

from scicow.work.retry import RetrySettings, delay, gives_up

SETTINGS = RetrySettings(first=0.5, factor=2, longest=30, patience=100, attempts=5)


@given(st.integers(1, 10_000), st.floats(0, 1))
def test_delays_grow_to_the_longest_and_jitter_at_most_halves_them(failures: int, drawn: float) -> None:
    full = min(30.0, 0.5 * 2 ** min(failures - 1, 64))
    assert full / 2 <= delay(SETTINGS, failures, draw=lambda: drawn) <= full


def test_the_server_may_ask_for_longer() -> None:
    assert delay(SETTINGS, 1, 120.0) == 120.0


def test_a_server_may_not_stop_a_beamline_for_hours() -> None:
    assert delay(SETTINGS, 1, 7200.0) == 300.0
    patient = SETTINGS.model_copy(update={"longest": 900.0})
    assert delay(patient, 1, 7200.0) == 900.0


def test_a_message_is_given_up_only_while_others_succeed() -> None:
    assert gives_up(SETTINGS, failures=5, since=100, others_succeeded=True)
    assert not gives_up(SETTINGS, failures=5, since=100, others_succeeded=False)
    assert not gives_up(SETTINGS, failures=4, since=1e9, others_succeeded=True)
    assert not gives_up(SETTINGS, failures=1000, since=99, others_succeeded=True)
