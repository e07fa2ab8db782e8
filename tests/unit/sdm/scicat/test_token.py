import logging
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from sdm.errors import LoginRefused, OfficeUnavailable
from sdm.scicat.token import HeldToken, TokenKeeper
from support.clock import Clock


class Door:
    """What a log-in gives, one after the other; the last again and again. Counts how many are inside."""

    def __init__(self, *answers: HeldToken | Exception) -> None:
        self.answers = list(answers)
        self.asked = 0
        self.inside = 0
        self.most = 0
        self.lock = threading.Lock()
        self.opened = threading.Event()
        self.opened.set()
        self.entered = threading.Event()

    def __call__(self) -> HeldToken:
        with self.lock:
            self.asked += 1
            self.inside += 1
            self.most = max(self.most, self.inside)
        self.entered.set()
        assert self.opened.wait(30)
        with self.lock:
            self.inside -= 1
            answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, Exception):
            raise answer
        return answer


def keeper(door: Door, clock: Clock) -> TokenKeeper:
    return TokenKeeper(door, retry=60, clock=clock, draw=lambda: 1.0)


def test_one_log_in_serves_all_threads() -> None:
    door, clock = Door(HeldToken("a", 3600)), Clock()
    tokens = keeper(door, clock)
    door.opened.clear()
    with ThreadPoolExecutor(16) as pool:
        answers = [pool.submit(tokens.get) for _ in range(16)]
        assert door.entered.wait(30)
        door.opened.set()
        assert {one.result() for one in answers} == {"a"}
    assert (door.asked, door.most) == (1, 1)


def test_it_is_renewed_before_it_expires_while_the_others_go_on_with_the_old_one() -> None:
    door, clock = Door(HeldToken("a", 100), HeldToken("b", 100)), Clock()
    tokens = keeper(door, clock)
    assert tokens.get() == "a"
    clock.now += 79
    assert tokens.get() == "a"
    clock.now += 2
    door.opened.clear()
    door.entered.clear()
    with ThreadPoolExecutor(1) as pool:
        renewed = pool.submit(tokens.get)
        assert door.entered.wait(30)
        assert tokens.get() == "a"  # waits for nobody
        door.opened.set()
        assert renewed.result() == "b"
    assert tokens.age() == 0


def test_a_log_in_that_fails_before_the_end_leaves_the_old_token() -> None:
    clock = Clock()
    tokens = keeper(Door(HeldToken("a", 100), OfficeUnavailable("down")), clock)
    tokens.get()
    clock.now += 90
    assert tokens.get() == "a"
    clock.now += 11
    with pytest.raises(OfficeUnavailable):
        tokens.get()


def test_a_refused_token_is_replaced_once_whoever_says_so() -> None:
    door, clock = Door(HeldToken("a"), HeldToken("b")), Clock()
    tokens = keeper(door, clock)
    assert tokens.get() == "a"
    tokens.refused("a")
    assert tokens.get() == "b"
    tokens.refused("a")  # a slow thread with the old one
    assert (tokens.get(), door.asked) == ("b", 2)


def test_wrong_credentials_are_said_once_and_tried_more_and_more_slowly(
    caplog: pytest.LogCaptureFixture,
) -> None:
    door, clock = Door(LoginRefused("wrong password", 60)), Clock()
    tokens = keeper(door, clock)
    with caplog.at_level(logging.WARNING):
        waits = []
        for _ in range(6):
            for _ in range(20):
                with pytest.raises(LoginRefused) as caught:
                    tokens.get()
            waits.append(caught.value.retry_after)
            clock.now += caught.value.retry_after
    assert waits == pytest.approx([60, 120, 240, 480, 600, 600])
    assert door.asked == 6
    assert [one.message for one in caplog.records] == ["wrong password"]


def test_credentials_that_are_put_right_are_said_too(caplog: pytest.LogCaptureFixture) -> None:
    door, clock = Door(LoginRefused("wrong password", 60), HeldToken("a")), Clock()
    tokens = keeper(door, clock)
    with caplog.at_level(logging.WARNING):
        with pytest.raises(LoginRefused):
            tokens.get()
        clock.now += 61
        assert tokens.get() == "a"
    assert caplog.records[-1].message == "SciCat accepts the account again"
