"""The difference between a folder's rights and what is wanted, in words: who may do what counts."""

import pytest

from sdm.folders.acl import AclEntry, Tag, acl_of
from sdm.folders.rights import KEEP, FolderRights, FolderState, differences, wider_for_others

TEAM, OTHER, CONTROL, MAKER = 4242, 4243, 4711, 4712
READS = AclEntry(Tag.GROUP, 5, TEAM)
WRITES = AclEntry(Tag.GROUP, 7, TEAM)
DEFAULT = acl_of(0o770, (WRITES,))
PROCESS = FolderRights(CONTROL, TEAM, 0o2770, (), DEFAULT, "auto")
RAW = FolderRights(CONTROL, TEAM, 0o2750, (), acl_of(0o750, (READS,)), "auto")
GATE = FolderRights(CONTROL, TEAM, 0o2750, (READS,), None, "auto")
ANYBODY = FolderRights(KEEP, KEEP, 0o2770)


def state(mode: int, **changed: object) -> FolderState:
    return FolderState(CONTROL, TEAM, mode, default=DEFAULT)._replace(**changed)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("found", "wanted"),
    [
        (state(0o2770), PROCESS),
        (state(0o2770, access=acl_of(0o770, (WRITES,))), PROCESS),  # the team named, too, as it used to be
        (state(0o2770, uid=1, gid=1, default=None), ANYBODY),
        (state(0o2770, default=None, has_acls=False), PROCESS),
        (state(0o2770, default=None), PROCESS._replace(acl="off")),
        (state(0o2750, access=acl_of(0o750, (READS,)), default=None), GATE),
        (state(0o2750, default=None, has_acls=False), GATE),
        (state(0o2750, access=acl_of(0o750, (READS,)), default=acl_of(0o750, (READS,))), GATE),
        (  # made without root: by the ACL
            state(
                0o770,
                uid=MAKER,
                gid=OTHER,
                access=acl_of(0o700, (WRITES, AclEntry(Tag.USER, 7, CONTROL))),
                default=acl_of(0o700, (WRITES, AclEntry(Tag.USER, 7, CONTROL))),
            ),
            PROCESS,
        ),
    ],
)
def test_who_may_do_the_same_is_no_difference(found: FolderState, wanted: FolderRights) -> None:
    assert differences(found, wanted, MAKER) == ()


@pytest.mark.parametrize(
    ("found", "wanted", "words"),
    [
        (state(0o755), PROCESS, ["mode is 755, not 2770"]),
        (state(0o2770, uid=MAKER), PROCESS, ["belongs to account 4712, not 4711"]),
        (state(0o2770, gid=OTHER), PROCESS, ["belongs to group 4243, not 4242"]),
        (  # what the former version left: inherited, and the mode looks right
            state(0o2770, access=(*acl_of(0o750, (READS,))[:-2], AclEntry(Tag.MASK, 7), acl_of(0)[-1])),
            PROCESS,
            ["group 4242 may r-x, not rwx"],
        ),
        (state(0o770, access=acl_of(0o770, (WRITES,))), PROCESS, ["mode is 770, not 2770"]),
        (
            state(0o2770, access=acl_of(0o770, (AclEntry(Tag.USER, 4, 99),))),
            PROCESS,
            ["account 99 may r--, not ---"],
        ),
        (
            state(0o2750, access=acl_of(0o755, (READS,)), default=None),
            GATE,
            ["everybody may r-x, not ---"],
        ),
        (
            state(0o2770, default=None),
            PROCESS,
            ["has no default ACL: new files in it get their rights by their maker's umask"],
        ),
        (
            state(0o2770, default=acl_of(0o750, (READS,))),
            PROCESS,
            ["default ACL gives group 4242 r-x, not rwx"],
        ),
        (
            state(
                0o2750,
                access=acl_of(0o750, (READS,)),
                default=acl_of(0o750, (READS, AclEntry(Tag.USER, 7, 99))),
            ),
            GATE,
            ["default ACL gives account 99 rwx, not ---"],
        ),
        (  # made without root, and the maker's own group may enter, too
            state(0o2770, gid=OTHER, access=acl_of(0o750, (WRITES,))),
            PROCESS,
            ["belongs to group 4243, not 4242", "group 4243 may r-x, not ---"],
        ),
        (  # the owner's rights are not in the ACL of a folder that could not be given away
            state(0o2770, uid=MAKER, access=acl_of(0o770, (WRITES,))),
            PROCESS,
            [
                "belongs to account 4712, not 4711",
                "account 4711 may ---, not rwx",
                "account 4712 may rwx, not ---",
            ],
        ),
    ],
)
def test_a_difference_is_told(found: FolderState, wanted: FolderRights, words: list[str]) -> None:
    assert list(differences(found, wanted, MAKER)) == words


def test_above_the_proposals_only_what_everybody_may_do_counts() -> None:
    assert wider_for_others(FolderState(0, 0, 0o2775), 0o755) is None
    assert wider_for_others(FolderState(0, 0, 0o755), 0o711) == "mode is 755, not 711: everybody may list it"
    assert wider_for_others(FolderState(0, 0, 0o1777), 0o711) == (
        "mode is 1777, not 711: everybody may list it and write to it"
    )
