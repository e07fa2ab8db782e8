"""The outbox: durable, ordered, kept until delivered, and never emptied by dropping."""

import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from scifish.contract.message import Message, read_message
from scifish.outbox.interrupted import end_orphan
from scifish.outbox.outbox import Outbox
from scifish.outbox.retention import OutboxRetention
from scifish.owners.owner import Owner, this_process
from scifish.owners.process_lock import ProcessLock
from support.scifish.recorder import checked, message_of, mint


@pytest.fixture
def outbox(tmp_path: Path) -> Outbox:
    return Outbox(tmp_path / "folder" / "outbox.sqlite")


def test_pending_is_what_was_put_in_its_order_until_it_is_delivered(outbox: Outbox) -> None:
    messages = [message_of(mint(), 0, beamline=f"bl{number % 2}") for number in range(6)]
    for message in messages:
        outbox.put([message])
    rows = outbox.pending()
    assert [row.pid for row in rows] == [message.pid for message in messages]
    assert [checked(row.body) for row in rows] == [again(message) for message in messages]
    assert [row.id for row in outbox.pending(after=rows[1].id, limit=2)] == [rows[2].id, rows[3].id]
    assert {row.beamline for row in outbox.pending(without=["bl0"])} == {"bl1"}
    outbox.delivered([row.id for row in rows[:5]])
    assert [row.id for row in outbox.pending()] == [rows[5].id]


def test_the_same_message_twice_is_one(outbox: Outbox) -> None:
    message = message_of(mint(), 0)
    outbox.put([message, message])
    outbox.put([message])
    assert len(outbox.pending()) == 1


def test_what_is_refused_waits_for_a_person(outbox: Outbox) -> None:
    outbox.put([message_of(mint(), 0)])
    [row] = outbox.pending()
    outbox.refuse(row.id, "too odd")
    assert outbox.pending() == []
    assert [one.refused for one in outbox.messages(row.pid)] == ["too odd"]
    assert outbox.level().refused == 1
    assert outbox.resend(row.pid[:8]) == 1
    assert [one.id for one in outbox.pending()] == [row.id]


def test_purge_and_retention_delete_only_what_was_delivered(tmp_path: Path) -> None:
    outbox = Outbox(tmp_path / "outbox.sqlite")
    for _ in range(3):
        outbox.put([message_of(mint(), 0)])
    first, second, third = outbox.pending()
    outbox.delivered([first.id])
    assert outbox.purge(older_than_days=1) == 0
    assert outbox.tidy(OutboxRetention(days=0)) == 1
    outbox.delivered([second.id])
    assert outbox.purge() == 1
    assert [one.id for one in outbox.messages()] == [third.id]


def test_a_dead_process_s_entry_is_ended_as_interrupted(outbox: Outbox) -> None:
    state = message_of(mint(), 3, event="update")
    outbox.open(state, Owner(pid=2**22 + 1, started=1, world=this_process().world))
    [row] = outbox.pending()
    ended = checked(row.body)
    assert (ended.event, ended.sequence, ended.environment.exit_status) == ("end", 4, "interrupted")
    assert ended.dataset.end_time == again(state).sent_at
    assert "ended without ending the scan" in ended.problems[-1]
    assert outbox.open_entries() == []


def test_entries_of_living_processes_stay_open(outbox: Outbox) -> None:
    state = message_of(mint(), 0)
    outbox.open(state)
    assert outbox.end_orphans() == []
    outbox.put([state.model_copy(update={"sequence": 1, "event": "update"})])
    [(kept, owner)] = outbox.open_entries()
    assert read_message(kept).sequence == 1
    assert (owner.pid, owner.started) == (this_process().pid, this_process().started)
    outbox.put([state.model_copy(update={"sequence": 2, "event": "end"})])
    assert outbox.open_entries() == []


def test_the_scans_of_a_container_that_died_are_ended_and_of_a_living_one_not(outbox: Outbox) -> None:
    """Their processes cannot be seen from here; the lock of each can."""
    outbox.put([message_of(mint())])
    lock = ProcessLock(outbox.path).mine()
    boot, file = this_process().world.partition(" ")[0], lock.partition(":")[0]
    living, dead = (Owner(2**22 + 1, 1, f"{boot} pid:[1] {mark}") for mark in (lock, f"{file}:1"))
    pids = {owner: mint() for owner in (living, dead)}
    for owner, pid in pids.items():
        outbox.open(message_of(pid), owner)
    assert {owner for _, owner in outbox.open_entries()} == {living, dead}
    assert outbox.end_orphans() == [pids[dead]]
    assert [owner for _, owner in outbox.open_entries()] == [living]
    outbox.open(message_of(pids[living]))
    assert [owner for _, owner in outbox.open_entries()] == [this_process(lock)]


DEAD = [Owner(pid=2**22 + number, started=1, world=this_process().world) for number in (1, 2)]


def test_each_entry_of_dead_processes_ends_with_its_own_state(outbox: Outbox) -> None:
    owners = [DEAD[0], DEAD[0], DEAD[1]]
    states = [message_of(mint(), number, name=f"scan {number}") for number in range(4)]
    for state, owner in zip(states, [*owners, None], strict=True):
        outbox.open(state, owner)
    outbox.put([message_of(states[0].pid, 7, event="update", name="renamed")])
    assert sorted(outbox.end_orphans()) == sorted(one.pid for one in states[:3])
    ends = {one.pid: checked(one.body) for one in outbox.messages() if one.event == "end"}
    assert {pid: (end.dataset.dataset_name, end.sequence) for pid, end in ends.items()} == {
        states[0].pid: ("renamed", 8),
        states[1].pid: ("scan 1", 2),
        states[2].pid: ("scan 2", 3),
    }
    for state, owner in zip(states, owners, strict=False):
        assert f"(pid {owner.pid})" in ends[state.pid].problems[-1]
    [(kept, _)] = outbox.open_entries()
    assert read_message(kept).dataset.dataset_name == "scan 3"
    assert outbox.end_orphans() == []


def test_messages_of_one_scan_change_no_other_s_state(outbox: Outbox) -> None:
    mine, others = (message_of(mint(), name=name) for name in ("mine", "another's"))
    outbox.open(mine)
    outbox.open(others)
    outbox.put([message_of(mine.pid, 1, event="update", name="mine, renamed")])
    names = {
        read_message(state).pid: read_message(state).dataset.dataset_name
        for state, _ in outbox.open_entries()
    }
    assert names == {mine.pid: "mine, renamed", others.pid: "another's"}
    outbox.put([message_of(mine.pid, 2, event="end")])
    assert [read_message(state).pid for state, _ in outbox.open_entries()] == [others.pid]


@pytest.mark.parametrize("changed", [{"pid": 5}, {"started": 5}, {"world": "another"}], ids=str)
def test_an_entry_that_is_recorded_again_is_not_ended(outbox: Outbox, changed: dict[str, Any]) -> None:
    """It was found to be a dead process's, and meanwhile another one has opened it again."""
    state = message_of(mint())
    outbox.open(state, replace(DEAD[0], **changed))
    with outbox._database.transaction() as connection:
        end_orphan(connection, state.pid, DEAD[0])
    assert [one for one in outbox.messages() if one.event == "end"] == []
    assert len(outbox.open_entries()) == 1


def test_of_several_entries_of_a_dead_process_that_one_is_ended(outbox: Outbox) -> None:
    states = [message_of(mint(), name=f"scan {number}") for number in range(3)]
    for state in states:
        outbox.open(state, DEAD[0])
    last = max(states, key=lambda one: one.pid)
    with outbox._database.transaction() as connection:
        end_orphan(connection, last.pid, DEAD[0])
    [end] = outbox.messages()
    assert (end.pid, checked(end.body).dataset.dataset_name) == (last.pid, last.dataset.dataset_name)
    assert len(outbox.open_entries()) == 2


def test_what_is_said_of_one_message_touches_no_other(outbox: Outbox) -> None:
    outbox.put([message_of(mint()) for _ in range(3)])
    first, second, third = outbox.pending()
    outbox.hand_over([first.id, second.id])
    outbox.refuse(second.id, "odd")
    outbox.delivered([first.id])
    assert [(one.delivered is not None, one.refused) for one in outbox.messages()] == [
        (True, None),
        (False, "odd"),
        (False, None),
    ]
    level = outbox.level()
    assert (level.waiting, level.waiting_bytes, level.refused) == (1, len(third.body), 1)
    assert outbox.forget(third.pid) == 0
    assert outbox.forget(second.pid) == 1, "it had been handed over"
    assert outbox.resend() == 1
    assert [one.id for one in outbox.pending()] == [first.id]
    assert outbox.resend() == 0, "it waits already"


def test_what_is_delivered_is_refused_no_more(outbox: Outbox) -> None:
    outbox.put([message_of(mint())])
    [row] = outbox.pending()
    outbox.refuse(row.id, "odd")
    outbox.delivered([row.id])
    [after] = outbox.messages()
    assert (after.refused, after.delivered is not None) == (None, True)
    assert outbox.level().refused == 0


def test_parts_take_the_place_of_one_message_and_of_no_other(outbox: Outbox) -> None:
    pid = mint()
    outbox.put([message_of(pid, 0, name="whole"), message_of(pid, 1), message_of(mint(), 0)])
    whole, following, another = outbox.pending()
    halves = [message_of(pid, 0, name=name) for name in ("left", "right")]
    outbox.split(whole.id, halves)
    outbox.split(whole.id, [message_of(pid, 0, name=name) for name in ("leftmost", "middle")])
    found = [checked(one.body) for one in outbox.messages(pid)]
    assert [(one.sequence, one.part, one.parts, one.dataset.dataset_name) for one in found] == [
        (0, 0, 3, "leftmost"),
        (1, 0, 1, "scan"),
        (0, 1, 2, "right"),
        (0, 2, 3, "middle"),
    ]
    assert [one.body for one in outbox.pending() if one.id in (following.id, another.id)] == [
        following.body,
        another.body,
    ]


def test_a_lower_and_a_higher_end_of_what_is_pending(outbox: Outbox) -> None:
    outbox.put([message_of(mint()) for _ in range(4)])
    ids = [one.id for one in outbox.pending()]
    assert [one.id for one in outbox.pending(after=ids[0], before=ids[3])] == ids[1:3]
    assert [one.id for one in outbox.history(after=ids[1], limit=1)] == [ids[2]]
    assert [one.id for one in outbox.messages(limit=2)] == ids[2:]
    outbox.delivered(ids[:3])
    assert [one.id for one in outbox.messages(all_states=False)] == ids[3:]
    assert [one.id for one in outbox.history()] == ids


def test_a_state_that_is_no_message_is_kept_for_a_person(outbox: Outbox) -> None:
    outbox.open(message_of(mint(), 0), Owner(pid=2**22 + 1, started=1, world=this_process().world))
    with closing(sqlite3.connect(outbox.path, isolation_level=None)) as connection:
        connection.execute("UPDATE entries SET state = ?", (b"rubbish",))
    outbox.end_orphans()
    [row] = outbox.messages()
    assert row.body == b"rubbish"
    assert (row.beamline, row.event, row.sequence) == ("unknown", "end", -1)
    assert "no message" in (row.refused or "")


def test_forget_leaves_nothing_on_the_disk(outbox: Outbox) -> None:
    secret = message_of("A" * 8 + mint()[8:], 0, name="SECRETNAME")
    outbox.put([secret])
    outbox.open(secret)
    assert outbox.forget(secret.pid) == 0
    assert outbox.messages() == []
    outbox.close()
    assert b"SECRETNAME" not in outbox.path.read_bytes()


def again(message: Message) -> Message:
    """Return a message as it is after one trip: times to the millisecond."""
    return read_message(message.to_bytes())
