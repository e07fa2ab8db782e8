"""An answer within a deadline, whatever hangs: the work is done in a thread that may be left behind."""

import queue
import threading
from collections.abc import Callable
from typing import TypeVar

Answer = TypeVar("Answer")
Start = Callable[[Callable[[], object], str], object]


def start_daemon(work: Callable[[], object], name: str) -> threading.Thread:
    """Run `work`, which does not call PyTango, in a thread. Raises RuntimeError when there is none."""
    thread = threading.Thread(target=work, name=name, daemon=True)
    thread.start()
    return thread


def answer_within(
    seconds: float, work: Callable[[], Answer], *, what: str, start: Start = start_daemon
) -> Answer:
    """Return what `work` returns, or raise what it raises; TimeoutError after `seconds`.

    `start` starts the thread, `tango_threads.start` one that calls PyTango. Raises RuntimeError when there is
    none.
    """
    answers: queue.SimpleQueue[tuple[Answer | None, BaseException | None]] = queue.SimpleQueue()

    def run() -> None:
        try:
            answers.put((work(), None))
        except BaseException as error:  # noqa: BLE001 - it is raised again in the thread that waits
            answers.put((None, error))

    start(run, f"scifish: {what}")
    try:
        answer, error = answers.get(timeout=seconds)
    except queue.Empty:
        raise TimeoutError(f"{what} did not answer within {seconds:g} s") from None
    if error is not None:
        raise error
    return answer  # type: ignore[return-value]  # it is None only when work returned None
