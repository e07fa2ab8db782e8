"""Files that a scan awaited when its process died: they join it from another process, in an update."""

import os
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from scifish import SciFish
from scifish.contract.message import AwaitedFile, Message, read_message
from scifish.outbox.awaited_files import with_files
from scifish.outbox.outbox import Outbox
from scifish.owners.owner import this_process
from scifish.runtime import close_runtimes
from scifish.settings.model import FilesSettings, OutboxSettings, SciFishSettings
from scizoo.facility.processes import wait_until
from support.scifish.recorder import message_of, mint, recorder, settings_in, written

DEAD = replace(this_process(), pid=2**22 + 1)
SOON = 30
QUICK = 0.05  # seconds between two looks


def with_awaited(message: Message, *paths: Path, until: float | None = 600) -> Message:
    ends = None if until is None else message.sent_at.timestamp() + until
    each = [AwaitedFile.model_validate({"path": str(one), "until": ends}) for one in paths]
    said = tuple(f"file {one} was not there yet" for one in paths)
    return message.model_copy(update={"awaited": tuple(each), "problems": said})


def left_behind(outbox: Path, message: Message) -> None:
    """Put a message there as a process left it that is dead by now."""
    Outbox(outbox).put([message])
    with closing(sqlite3.connect(outbox)) as connection, connection:
        connection.execute("UPDATE awaited SET owner_pid = ?, owner_world = ?", (DEAD.pid, DEAD.world))


def awaited(outbox: Path) -> list[tuple[str, str]]:
    with closing(sqlite3.connect(outbox)) as connection:
        return connection.execute("SELECT pid, path FROM awaited ORDER BY path").fetchall()


def last_of(settings: SciFishSettings, pid: str) -> Message:
    return [one for one in written(settings) if one.pid == pid][-1]


@pytest.fixture
def next_process(settings: SciFishSettings) -> Iterator[SciFish]:
    with recorder(settings, look_every=QUICK):
        yield SciFish(settings=settings)


def test_a_file_joins_from_the_next_process(
    settings: SciFishSettings, tmp_path: Path, next_process: SciFish
) -> None:
    first, second, pid = tmp_path / "first.h5", tmp_path / "second.h5", mint()
    end = with_awaited(message_of(pid, 4, event="end", scientificMetadata={"a": 1}), first, second)
    left_behind(settings.outbox.path, end)
    next_process.start_scan("the next one")
    first.write_bytes(b"12345")
    wait_until(lambda: last_of(settings, pid).sequence > 4, "the file joins", SOON)
    update = last_of(settings, pid)
    assert (update.event, update.sequence, update.part, update.parts) == ("update", 5, 0, 1)
    assert [(one.path, one.size) for one in update.dataset.files] == [(str(first), 5)]
    assert update.problems == (f"file {second} was not there yet",)
    assert update.dataset.scientific_metadata == {"a": 1}
    assert update.dataset.end_time == end.dataset.end_time
    assert [path for _, path in awaited(settings.outbox.path)] == [str(second)]
    second.write_bytes(b"1")
    wait_until(lambda: last_of(settings, pid).sequence > 5, "the other one joins", SOON)
    update = last_of(settings, pid)
    assert ([one.path for one in update.dataset.files], update.problems) == ([str(first), str(second)], ())
    assert (update.awaited, awaited(settings.outbox.path)) == ((), [])


def test_a_scan_that_was_killed_while_it_ran_is_ended_before(
    settings: SciFishSettings, tmp_path: Path, next_process: SciFish
) -> None:
    file, pid = tmp_path / "detector.h5", mint()
    state = with_awaited(message_of(pid), file, until=None).model_copy(update={"problems": ()})
    Outbox(settings.outbox.path).open(state, DEAD)
    next_process.start_scan("the next one")
    wait_until(lambda: len(written(settings)) > 0, "the interrupted end", SOON)
    assert f"file {file} was not there yet" in last_of(settings, pid).problems
    file.write_bytes(b"12345")
    wait_until(lambda: bool(last_of(settings, pid).dataset.files), "the file joins", SOON)
    end, update = (one for one in written(settings) if one.pid == pid)
    assert (end.event, end.sequence, update.event, update.sequence) == ("end", 1, "update", 2)
    assert update.environment.exit_status == "interrupted"
    assert len(update.problems) == 1


def test_the_patience_goes_on_where_it_was(
    settings: SciFishSettings, tmp_path: Path, next_process: SciFish
) -> None:
    """It is a time of day on the disk: what is overdue is said at once, the rest is waited for."""
    overdue, patient = mint(), mint()
    for pid, until in ((overdue, -1.0), (patient, 500.0)):
        end = with_awaited(message_of(pid, event="end"), tmp_path / f"{pid}.h5", until=until)
        left_behind(settings.outbox.path, end)
    next_process.start_scan("the next one")
    wait_until(lambda: last_of(settings, overdue).sequence == 1, "it is said", SOON)
    assert last_of(settings, overdue).problems == (f"file {tmp_path / overdue}.h5 did not come",)
    close_runtimes()
    assert last_of(settings, patient).sequence == 0
    assert [pid for pid, _ in awaited(settings.outbox.path)] == [patient]


def test_a_living_process_keeps_its_files(settings: SciFishSettings, tmp_path: Path) -> None:
    pid, outbox = mint(), Outbox(settings.outbox.path)
    outbox.put([with_awaited(message_of(pid, event="end"), tmp_path / "x")])
    assert Outbox(settings.outbox.path).take_over_awaited(600) == []


def test_another_account_takes_only_what_is_overdue(settings: SciFishSettings, tmp_path: Path) -> None:
    for until in (500.0, -601.0):
        left_behind(
            settings.outbox.path,
            with_awaited(message_of(mint(), event="end"), tmp_path / f"{until}", until=until),
        )
    with closing(sqlite3.connect(settings.outbox.path)) as connection, connection:
        connection.execute("UPDATE awaited SET uid = ?", (os.getuid() + 1,))
    found = Outbox(settings.outbox.path).take_over_awaited(600)
    assert [one.path for one in found] == [str(tmp_path / "-601.0")]


def test_a_scan_is_taken_over_once(settings: SciFishSettings, tmp_path: Path) -> None:
    left_behind(settings.outbox.path, with_awaited(message_of(mint(), event="end"), tmp_path / "x"))
    takers = [Outbox(settings.outbox.path) for _ in range(3)]
    assert [len(one.take_over_awaited(600)) for one in takers] == [1, 0, 0]


def test_a_scan_that_is_recorded_again_meanwhile_is_left_to_who_does(
    settings: SciFishSettings, tmp_path: Path
) -> None:
    pid, outbox = mint(), Outbox(settings.outbox.path)
    left_behind(settings.outbox.path, with_awaited(message_of(pid, event="end"), tmp_path / "x"))
    assert len(outbox.take_over_awaited(600)) == 1
    outbox.put([message_of(pid, 2, event="end")])
    outbox.join_files(pid, (), ())
    assert [one.sequence for one in written(settings)] == [0, 2]


def test_what_is_proprietary_is_awaited_by_nobody(settings: SciFishSettings, tmp_path: Path) -> None:
    pid, outbox = mint(), Outbox(settings.outbox.path)
    outbox.open(with_awaited(message_of(pid), tmp_path / "x"), DEAD)
    outbox.forget(pid)
    assert (awaited(settings.outbox.path), outbox.take_over_awaited(600)) == ([], [])


def test_an_outbox_of_an_earlier_version_is_completed(tmp_path: Path) -> None:
    path, pid = tmp_path / "outbox.sqlite", mint()
    Outbox(path).put([message_of(pid)])
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("DROP TABLE awaited")
    outbox = Outbox(path)
    assert [one.pid for one in outbox.pending()] == [pid]
    outbox.put([with_awaited(message_of(mint(), event="end"), tmp_path / "x")])
    assert len(awaited(path)) == 1


def test_a_process_that_ends_leaves_its_files_to_the_next_one(tmp_path: Path) -> None:
    settings = settings_in(tmp_path)
    file = tmp_path / "late.h5"
    with recorder(settings, look_every=QUICK):
        fish = SciFish(settings=settings)
        fish.start_scan("x")
        fish.end_scan()
        fish.expect_files(file)  # after the end, as a client may
    pid = fish.pid or ""
    assert [one.path for one in last_of(settings, pid).awaited] == [str(file)]
    with closing(sqlite3.connect(settings.outbox.path)) as connection, connection:
        connection.execute("UPDATE awaited SET owner_pid = ?, owner_world = ?", (DEAD.pid, DEAD.world))
    file.write_bytes(b"1")
    with recorder(settings, look_every=QUICK):
        SciFish(settings=settings).start_scan("y")
        wait_until(lambda: last_of(settings, pid).awaited == (), "it joins", SOON)
    assert [one.path for one in last_of(settings, pid).dataset.files] == [str(file)]


def test_where_no_outbox_is_nobody_else_will_wait(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    settings = SciFishSettings(
        mode="print", outbox=OutboxSettings(path=tmp_path / "none"), files=FilesSettings(poll=0.02)
    )
    with recorder(settings, look_every=QUICK):
        fish = SciFish(settings=settings)
        fish.start_scan("x")
        fish.expect_files(tmp_path / "never.h5")
        fish.end_scan()
    assert f"file {tmp_path / 'never.h5'} did not come" in capsys.readouterr().out.splitlines()[-1]


def test_parts_are_one_message_again(tmp_path: Path) -> None:
    """A scan with very many files is stored in parts; its update holds them all."""
    from scifish.outbox.awaited_files import _newest
    from scifish.outbox.rows import insert, rows

    files = [
        {"path": f"/data/{n:06}/{'x' * 60}", "size": n, "time": "2026-03-01T09:30:00Z"} for n in range(200)
    ]
    whole = message_of(mint(), event="end", files=files, scientificMetadata={"a": {"b": 1}, "c": 2})
    path = tmp_path / "outbox.sqlite"
    Outbox(path).put([message_of(mint())])
    with closing(sqlite3.connect(path)) as connection:
        found = list(rows(whole, 5000))
        assert len(found) > 1
        insert(connection, found)
        again = _newest(connection, whole.pid)
    assert again == read_message(whole.to_bytes())


def test_the_update_is_pure() -> None:
    last = with_awaited(message_of(mint(), 3, event="end"), Path("/data/a"))
    update = with_files(last, (), ())
    assert (update.sequence, update.awaited, update.problems) == (4, last.awaited, last.problems)
    assert update.sent_at.timestamp() <= time.time() + 1
