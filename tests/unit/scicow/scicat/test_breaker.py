import pytest

from scicow.errors import CatalogueUnavailable
from scicow.scicat.breaker import Breaker
from scicow.settings.catalogue import BreakerSettings
from support.clock import Clock


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def breaker(clock: Clock) -> Breaker:
    return Breaker(BreakerSettings(failures=3, pause=1, longest=4), clock=clock, draw=lambda: 1.0)


def fail(breaker: Breaker, times: int) -> None:
    for _ in range(times):
        breaker.admit()
        breaker.failed()


def test_it_opens_after_failures_in_a_row_and_says_how_long(breaker: Breaker) -> None:
    fail(breaker, 3)
    assert breaker.is_open
    with pytest.raises(CatalogueUnavailable, match="failed 3 times in a row") as caught:
        breaker.admit()
    assert caught.value.retry_after == pytest.approx(1.0)


def test_a_success_in_between_keeps_it_closed(breaker: Breaker) -> None:
    fail(breaker, 2)
    breaker.succeeded()
    fail(breaker, 2)
    assert not breaker.is_open


def test_one_probe_passes_and_closes_it(breaker: Breaker, clock: Clock) -> None:
    fail(breaker, 3)
    clock.now += 1
    breaker.admit()
    with pytest.raises(CatalogueUnavailable):
        breaker.admit()  # only one probe at a time
    breaker.succeeded()
    breaker.admit()
    assert not breaker.is_open


def test_a_failed_probe_opens_it_for_longer_up_to_the_longest(breaker: Breaker, clock: Clock) -> None:
    fail(breaker, 3)
    waits = []
    for _ in range(4):
        with pytest.raises(CatalogueUnavailable) as caught:
            breaker.admit()
        waits.append(caught.value.retry_after)
        clock.now += 10
        breaker.admit()
        breaker.failed()
    assert waits == pytest.approx([1, 2, 4, 4])


def test_failures_of_requests_sent_before_it_opened_do_not_prolong_it(breaker: Breaker, clock: Clock) -> None:
    for _ in range(6):
        breaker.admit()
    for _ in range(6):
        breaker.failed()
    clock.now += 1
    breaker.admit()
