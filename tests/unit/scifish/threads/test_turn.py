"""Work goes one after another; what takes long holds nobody up."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from scifish.threads.turn import Turn, Turns

LONG = 60.0  # seconds


def test_work_goes_one_after_another() -> None:
    turn, working, most = Turn(LONG), [], []
    pause = threading.Event()

    def work(number: int) -> None:
        with turn:
            working.append(number)
            pause.wait(0.01)
            most.append(len(working))
            working.remove(number)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(work, range(8)))
    assert most == [1] * 8


def test_what_takes_long_is_overtaken_and_the_turn_is_given_back() -> None:
    turn, over, inside = Turn(0.05), threading.Event(), threading.Event()

    def long() -> None:
        with turn:
            inside.set()
            assert over.wait(LONG)

    with ThreadPoolExecutor(1) as pool:
        working = pool.submit(long)
        assert inside.wait(LONG)
        with turn:  # overtakes it
            assert not working.done()
        over.set()
        working.result()
    assert turn._lock.acquire(timeout=0)


def test_an_error_gives_the_turn_back() -> None:
    turn = Turn(LONG)
    with pytest.raises(ZeroDivisionError), turn:
        divmod(1, 0)
    assert turn._lock.acquire(timeout=0)


def test_each_key_has_a_turn_of_its_own_while_it_is_used() -> None:
    turns = Turns(LONG)
    with turns.of("a"), turns.of("b"):
        assert turns.of("a") is turns.of("a")
        assert not turns.of("a")._lock.acquire(timeout=0)
    assert turns.of("a")._lock.acquire(timeout=0)
    assert len(turns._turns) == 0
