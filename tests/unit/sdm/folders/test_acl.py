"""POSIX ACLs by handle: as the kernel keeps them."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from sdm.folders.acl import (
    ACCESS,
    DEFAULT,
    AclEntry,
    Tag,
    acl_of,
    read_acl,
    remove_default_acl,
    without_mask,
    write_acl,
)

TEAM = AclEntry(Tag.GROUP, 5, 4242)
JIM = AclEntry(Tag.USER, 7, 4711)


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[int]:
    handle = os.open(tmp_path, os.O_RDONLY)
    yield handle
    os.close(handle)


def test_a_mode_as_an_acl() -> None:
    assert acl_of(0o2750) == (
        AclEntry(Tag.OWNER, 7),
        AclEntry(Tag.OWNING_GROUP, 5),
        AclEntry(Tag.OTHERS, 0),
    )


def test_named_entries_get_a_mask_and_the_kernel_s_order() -> None:
    acl = acl_of(0o700, (TEAM, JIM, TEAM._replace(perms=2)))
    assert [one.tag for one in acl] == sorted(Tag)
    assert TEAM._replace(perms=7) in acl  # twice the same: both count
    assert AclEntry(Tag.MASK, 7) in acl


def test_what_is_written_is_read(folder: int) -> None:
    remove_default_acl(folder)
    assert read_acl(folder, DEFAULT) is None
    acl = acl_of(0o750, (TEAM, JIM))
    for kind in (ACCESS, DEFAULT):
        write_acl(folder, kind, acl)
        assert read_acl(folder, kind) == acl
    assert os.fstat(folder).st_mode & 0o777 == 0o770  # the mask is the mode's group
    remove_default_acl(folder)
    assert read_acl(folder, DEFAULT) is None
    write_acl(folder, ACCESS, acl_of(0o700))
    assert read_acl(folder, ACCESS) is None


def test_it_is_read_through_a_handle_that_may_only_pass(folder: int, tmp_path: Path) -> None:
    acl = acl_of(0o750, (TEAM,))
    write_acl(folder, ACCESS, acl)
    passing = os.open(tmp_path, os.O_PATH)
    try:
        assert read_acl(passing, ACCESS) == acl
    finally:
        os.close(passing)


def test_the_mask_limits_all_but_owner_and_others() -> None:
    acl = tuple(one._replace(perms=4) if one.tag is Tag.MASK else one for one in acl_of(0o777, (TEAM, JIM)))
    assert without_mask(acl) == (
        AclEntry(Tag.OWNER, 7),
        JIM._replace(perms=4),
        AclEntry(Tag.OWNING_GROUP, 4),
        TEAM._replace(perms=4),
        AclEntry(Tag.OTHERS, 7),
    )
