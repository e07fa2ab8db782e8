"""The end of a scan whose process died: made from the entry's last state."""

from scifish.clock import utcnow
from scifish.filelist import not_there_yet
from scifish.message import Message, read_message


def interrupted_end(state: bytes, owner_pid: int) -> Message:
    """Return the `end` message of an entry that process `owner_pid` left open.

    The scan's end time is that of its last state. Raises MessageError when the state is no message.
    """
    last = read_message(state)
    awaited = [one.path for one in last.awaited]  # also those that it would have waited for from its end on
    problem = (
        f"the recording process (pid {owner_pid}) ended without ending the scan; "
        "the end time is that of its last message"
    )
    return last.model_copy(
        update={
            "event": "end",
            "sequence": last.sequence + 1,
            "sent_at": utcnow(),
            "dataset": last.dataset.model_copy(update={"end_time": last.sent_at}),
            "environment": last.environment.model_copy(update={"exit_status": "interrupted"}),
            "problems": tuple(dict.fromkeys((*last.problems, *map(not_there_yet, awaited), problem))),
        }
    )
