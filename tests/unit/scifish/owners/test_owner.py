"""Whether the process that owns an open entry still lives: by its pid here, by its lock everywhere."""

from pathlib import Path

import pytest

from scifish.owners.owner import Owner, this_process
from scifish.owners.process_lock import SUFFIX, ProcessLock

GONE = 2**22 + 1  # above every pid


@pytest.fixture
def locks(tmp_path: Path) -> ProcessLock:
    path = tmp_path / "outbox.sqlite"
    path.touch()
    return ProcessLock(path)


def boot() -> str:
    return this_process().world.partition(" ")[0]


def free(locks: ProcessLock) -> str:
    """Return the mark of a lock that nobody holds any more."""
    inode, _, byte = locks.mine().partition(":")
    return f"{inode}:{int(byte) ^ 1}"


@pytest.mark.parametrize("world", ["another-boot pid:[1]", ""])
def test_a_process_of_another_boot_is_dead(world: str, locks: ProcessLock) -> None:
    assert not Owner(this_process().pid, this_process().started, world).alive(locks)


def test_no_lock_outlives_a_boot(locks: ProcessLock) -> None:
    me = this_process()
    assert not Owner(me.pid, me.started, f"another-boot pid:[1] {locks.mine()}").alive(locks)


def test_a_pid_that_was_given_again_is_another_process(locks: ProcessLock) -> None:
    me = this_process()
    assert me.alive(locks)
    assert not Owner(me.pid, me.started - 1, me.world).alive(locks)
    assert not Owner(me.pid, me.started - 1, f"{me.world} {free(locks)}").alive(locks)


def test_of_a_process_of_another_container_its_lock_tells(locks: ProcessLock) -> None:
    elsewhere = f"{boot()} pid:[1]"
    assert Owner(GONE, 1, f"{elsewhere} {locks.mine()}").alive(locks)
    assert not Owner(GONE, 1, f"{elsewhere} {free(locks)}").alive(locks)


def test_a_process_of_another_container_without_a_lock_is_left_alone(
    locks: ProcessLock, tmp_path: Path
) -> None:
    """One of a scifish that had no locks, or whose file was removed."""
    elsewhere = f"{boot()} pid:[1]"
    assert Owner(GONE, 1, elsewhere).alive(locks)
    mark = free(locks)
    (tmp_path / f"outbox.sqlite{SUFFIX}").unlink()
    assert Owner(GONE, 1, f"{elsewhere} {mark}").alive(locks)


def test_a_process_that_proc_does_not_show_lives_by_its_lock(locks: ProcessLock) -> None:
    """As with ``hidepid``, for the process of another account."""
    hidden = Owner(GONE, 1, f"{this_process().world} {locks.mine()}")
    assert hidden.alive(locks)


def test_a_process_that_proc_shows_lives_without_its_lock(locks: ProcessLock) -> None:
    me = this_process(free(locks))
    assert me.alive(locks)
