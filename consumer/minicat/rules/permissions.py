"""Who may do what: SciCat's group rules as pure functions of an account and a document."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from minicat.errors import forbidden
from minicat.settings import EVERYONE, Settings, User

Document = Mapping[str, Any]


@dataclass(frozen=True)
class Account:
    """Who asks: a name and its groups; without a name nobody has logged in."""

    username: str | None
    email: str
    groups: frozenset[str]
    admin: bool = False
    deletes: bool = False
    creates: bool = False
    privileged: bool = False
    with_pid: bool = False
    proposals: bool = False


ANONYMOUS = Account(None, "", frozenset())


def account_of(user: User, settings: Settings) -> Account:
    """Return the account of `user`, with the rights that the site gives to its groups."""
    groups = frozenset(user.groups)

    def has(chosen: frozenset[str]) -> bool:
        return EVERYONE in chosen or not groups.isdisjoint(chosen)

    return Account(
        username=user.username,
        email=user.address(),
        groups=groups,
        admin=has(settings.admin_groups),
        deletes=has(settings.delete_groups),
        creates=has(settings.create_dataset_groups),
        privileged=has(settings.create_dataset_privileged_groups),
        with_pid=has(settings.create_dataset_with_pid_groups),
        proposals=has(settings.proposal_groups),
    )


def visible(account: Account) -> dict[str, Any]:
    """Return the condition that every document which `account` may see fulfils."""
    if account.admin:
        return {}
    if account.username is None:
        return {"isPublished": True}
    groups = sorted(account.groups)
    mine = [{"ownerGroup": {"$in": groups}}, {"accessGroups": {"$in": groups}}]
    return {"$or": [*mine, {"isPublished": True}]}


def may_read(account: Account, document: Document) -> bool:
    """Tell whether `account` may see `document`; the same rule as `visible`."""
    shared = not account.groups.isdisjoint(document.get("accessGroups") or ())
    return bool(account.admin or _owns(account, document) or shared or document.get("isPublished"))


def may_change(account: Account, document: Document) -> bool:
    """Tell whether `account` may change `document`: administrators and its owner group."""
    return account.admin or _owns(account, document)


def may_change_dataset(account: Account, dataset: Document) -> bool:
    """Tell whether `account` may change `dataset`: of its owner group who may create datasets."""
    creates = account.creates or account.with_pid or account.privileged
    return account.admin or (_owns(account, dataset) and creates)


def may_create_dataset(account: Account, dataset: Document) -> bool:
    """Tell whether `account` may create `dataset`, which has a pid only when the client chose one."""
    if account.admin or account.privileged:
        return True
    chosen = dataset.get("pid") is not None
    return _owns(account, dataset) and (account.with_pid or (account.creates and not chosen))


def may_add_to(account: Account, dataset: Document) -> bool:
    """Tell whether `account` may add files and pictures to `dataset`: who only creates may, of any group."""
    return account.privileged or may_change_dataset(account, dataset)


def require_right(allowed: bool) -> None:
    """Raise ApiError 403 as SciCat's first guard does, before it looks at the body, unless `allowed`."""
    if not allowed:
        raise forbidden("Forbidden resource")


def require(allowed: bool, account: Account, action: str) -> None:
    """Raise ApiError 403 unless `allowed`; the text names who wanted what, and the groups it has."""
    if not allowed:
        groups = ", ".join(sorted(account.groups)) or "none"
        raise forbidden(f"{account.username or 'nobody'} may not {action} (groups: {groups})")


def _owns(account: Account, document: Document) -> bool:
    return document.get("ownerGroup") in account.groups
