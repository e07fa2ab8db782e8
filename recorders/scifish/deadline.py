"""An answer within a deadline, whatever hangs: the work is done in a thread that may be left behind."""

import queue
import threading
from collections.abc import Callable
from typing import TypeVar

Answer = TypeVar("Answer")


def answer_within(seconds: float, work: Callable[[], Answer], *, what: str) -> Answer:
    """Return what `work` returns, or raise what it raises; TimeoutError after `seconds`."""
    answers: queue.SimpleQueue[tuple[Answer | None, BaseException | None]] = queue.SimpleQueue()

    def run() -> None:
        try:
            answers.put((work(), None))
        except BaseException as error:  # noqa: BLE001 - it is raised again in the thread that waits
            answers.put((None, error))

    threading.Thread(target=run, name=f"scifish: {what}", daemon=True).start()
    try:
        answer, error = answers.get(timeout=seconds)
    except queue.Empty:
        raise TimeoutError(f"{what} did not answer within {seconds:g} s") from None
    if error is not None:
        raise error
    return answer  # type: ignore[return-value]  # it is None only when work returned None
