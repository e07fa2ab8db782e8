"""What a folder's rights should be, what they are, and the difference in words. Pure."""

import stat
from collections.abc import Iterator
from typing import Literal, NamedTuple

from sdm.folders.accounts import account_name, group_name
from sdm.folders.acl import Acl, AclEntry, Tag, acl_of, without_mask

KEEP = -1  # an id that is left as it is, as os.chown takes it
SPECIAL = 0o7000
OWNER = ("user", KEEP)  # whoever will own what is made in a folder
AclUse = Literal["auto", "required", "off"]
Who = tuple[str, int]


class FolderRights(NamedTuple):
    """The rights of one kind of folder: owner, group, mode, access ACL and default ACL in one description.

    `named` stands beside the mode in the access ACL; `default` is what new things in it get, None: nothing.
    `acl` off: ACLs are left alone.
    """

    uid: int
    gid: int
    mode: int
    named: Acl = ()
    default: Acl | None = None
    acl: AclUse = "off"


class FolderState(NamedTuple):
    """What a folder's rights are. `access` and `default` are None where there is no such ACL.

    `has_acls` is False on a file system without ACLs.
    """

    uid: int
    gid: int
    mode: int
    access: Acl | None = None
    default: Acl | None = None
    has_acls: bool = True


def differences(found: FolderState, wanted: FolderRights, maker: int) -> tuple[str, ...]:
    """Return in words how a folder's rights differ from what is wanted; what counts is who may do what.

    `maker` is the account that makes folders: where it may not give them away, it may own them as long as an
    ACL gives owner and group their rights.
    """
    return tuple(_differences(found, wanted, maker))


def wider_for_others(found: FolderState, mode: int) -> str | None:
    """Return in words what everybody may do beyond `mode` in a folder above the proposals."""
    more = found.mode & 0o007 & ~mode
    if not more:
        return None
    may = " and ".join(
        word for bit, word in ((4, "list it"), (2, "write to it"), (1, "enter it")) if more & bit
    )
    return f"mode is {stat.S_IMODE(found.mode):o}, not {mode:o}: everybody may {may}"


def _differences(found: FolderState, wanted: FolderRights, maker: int) -> Iterator[str]:
    has = _granted(found.access or acl_of(found.mode), found.uid, found.gid)
    owner = found.uid if wanted.uid == KEEP else wanted.uid
    group = found.gid if wanted.gid == KEEP else wanted.gid
    want = _granted(acl_of(wanted.mode, wanted.named if found.has_acls else ()), owner, group)
    if found.uid != owner:
        if found.uid == maker and _includes(has, want, ("user", owner)):
            has.pop(("user", maker))  # made without the right to give it away
        else:
            yield f"belongs to account {account_name(found.uid)}, not {account_name(owner)}"
    by_acl = (
        found.gid != group and not has.get(("group", found.gid)) and _includes(has, want, ("group", group))
    )
    if found.gid != group and not by_acl:
        yield f"belongs to group {group_name(found.gid)}, not {group_name(group)}"
    if found.access is None and not (wanted.named and found.has_acls):
        if stat.S_IMODE(found.mode) != wanted.mode:
            yield f"mode is {stat.S_IMODE(found.mode):o}, not {wanted.mode:o}"
    else:
        yield from _access_differences(has, want, ours=wanted.acl != "off")
        if not by_acl and (found.mode ^ wanted.mode) & SPECIAL:
            yield f"mode is {stat.S_IMODE(found.mode):o}, not {wanted.mode & SPECIAL | found.mode & 0o777:o}"
    if wanted.acl != "off" and found.has_acls:
        yield from _default_differences(found.default, wanted, want, group)


def _access_differences(has: dict[Who, int], want: dict[Who, int], *, ours: bool) -> Iterator[str]:
    """Compare who may do what; where ACLs are not ours, only what somebody may not do counts."""
    for who in dict.fromkeys((*want, *has)):
        may, should = has.get(who, 0), want.get(who, 0)
        if should & ~may if not ours else may != should:
            yield f"{_words(who)} may {perms_text(may)}, not {perms_text(should)}"


def _default_differences(
    found: Acl | None, wanted: FolderRights, want: dict[Who, int], group: int
) -> Iterator[str]:
    """Compare what new things inside get; an unwanted default ACL matters where it lets in somebody else.

    The folder's own group counts as the wanted one: if it is another, that is reported already.
    """
    has = _granted(found or (), KEEP, group)
    if wanted.default is None:
        for who, perms in has.items():
            if who != OWNER and perms & ~want.get(who, 0):
                may = perms_text(want.get(who, 0))
                yield f"default ACL gives {_words(who)} {perms_text(perms)}, not {may}"
        return
    if found is None:
        yield "has no default ACL: new files in it get their rights by their maker's umask"
        return
    should = _granted(wanted.default, KEEP, group)
    for who in dict.fromkeys((*should, *has)):
        if has.get(who, 0) != should.get(who, 0) and not _is_owner_by_acl(who, wanted, has):
            yield (
                f"default ACL gives {_words(who)} {perms_text(has.get(who, 0))}, "
                f"not {perms_text(should.get(who, 0))}"
            )


def _is_owner_by_acl(who: Who, wanted: FolderRights, has: dict[Who, int]) -> bool:
    return who == ("user", wanted.uid) and has.get(who) == 7


def _granted(acl: Acl, uid: int, gid: int) -> dict[Who, int]:
    """Return what each may do: a group all that its entries say, an owner what the owner entry says."""
    granted: dict[Who, int] = {}
    for entry in without_mask(acl):
        who = _who(entry, uid, gid)
        if who[0] == "group":
            granted[who] = granted.get(who, 0) | entry.perms
        else:
            granted.setdefault(who, entry.perms)
    return {who: perms for who, perms in granted.items() if perms or who[0] == "user"}


def _who(entry: AclEntry, uid: int, gid: int) -> Who:
    if entry.tag is Tag.OTHERS:
        return "others", 0
    if entry.tag in (Tag.OWNER, Tag.USER):
        return "user", uid if entry.tag is Tag.OWNER else entry.id
    return "group", gid if entry.tag is Tag.OWNING_GROUP else entry.id


def _includes(has: dict[Who, int], want: dict[Who, int], who: Who) -> bool:
    return has.get(who, 0) == want.get(who, 0)


def _words(who: Who) -> str:
    kind, number = who
    if kind == "others":
        return "everybody"
    if who == OWNER:
        return "the owner"
    return f"account {account_name(number)}" if kind == "user" else f"group {group_name(number)}"


def perms_text(perms: int) -> str:
    """Return perms as `rwx`."""
    return "".join(one if perms & bit else "-" for bit, one in ((4, "r"), (2, "w"), (1, "x")))
