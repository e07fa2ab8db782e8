from typing import Any

import pytest
from pydantic import SecretStr

from minicat.query.sql import Query
from minicat.rules.catalogue import restricted
from minicat.rules.permissions import (
    ANONYMOUS,
    Account,
    account_of,
    may_add_to,
    may_change,
    may_change_dataset,
    may_create_dataset,
    may_read,
)
from minicat.settings import Settings, User
from minicat.store import DocumentStore

SETTINGS = Settings.model_validate(
    {
        "create_dataset_groups": ["makers"],
        "create_dataset_privileged_groups": ["machines"],
        "create_dataset_with_pid_groups": ["minters"],
    }
)
DOCUMENTS: dict[str, dict[str, Any]] = {
    "ours": {"ownerGroup": "g1", "accessGroups": ["g2"], "isPublished": False},
    "published": {"ownerGroup": "g9", "accessGroups": [], "isPublished": True},
    "theirs": {"ownerGroup": "g9", "accessGroups": None},
}


def _account(*groups: str) -> Account:
    return account_of(User(username="ada", password=SecretStr("x"), groups=groups), SETTINGS)


@pytest.mark.parametrize(
    ("account", "seen"),
    [
        (ANONYMOUS, ["published"]),
        (_account(), ["published"]),
        (_account("g1"), ["ours", "published"]),
        (_account("g2"), ["ours", "published"]),
        (_account("machines"), ["published"]),
        (_account("admin"), ["ours", "published", "theirs"]),
    ],
)
def test_what_an_account_sees_one_by_one_and_in_lists(
    store: DocumentStore, account: Account, seen: list[str]
) -> None:
    for name, document in DOCUMENTS.items():
        store.insert("sample", name, {**document, "name": name})
    assert [name for name, document in DOCUMENTS.items() if may_read(account, document)] == seen
    assert [one["name"] for one in store.find("sample", restricted(Query(), account))] == seen


@pytest.mark.parametrize(
    ("groups", "plain", "with_pid", "for_others"),
    [
        (["g1"], False, False, False),
        (["g1", "makers"], True, False, False),
        (["g1", "minters"], True, True, False),
        (["machines"], True, True, True),
        (["admin"], True, True, True),
        (["makers", "minters"], False, False, False),
    ],
)
def test_who_creates_datasets(groups: list[str], plain: bool, with_pid: bool, for_others: bool) -> None:
    account = _account(*groups)
    assert may_create_dataset(account, {"ownerGroup": "g1"}) is plain
    assert may_create_dataset(account, {"ownerGroup": "g1", "pid": "x"}) is with_pid
    assert may_create_dataset(account, {"ownerGroup": "g9", "pid": "x"}) is for_others


def test_only_owners_and_administrators_change() -> None:
    changing = [
        groups
        for groups in ("g1", "g2", "machines", "admin")
        if may_change(_account(groups), DOCUMENTS["ours"])
    ]
    assert changing == ["g1", "admin"]


@pytest.mark.parametrize(
    ("groups", "changes"),
    [
        (["g1"], False),
        (["g1", "makers"], True),
        (["g1", "minters"], True),
        (["makers"], False),
        (["admin"], True),
    ],
)
def test_of_the_owner_group_only_who_creates_datasets_changes_one(groups: list[str], changes: bool) -> None:
    """So a user may read a scan of its group, and neither rate nor comment it."""
    account = _account(*groups)
    assert may_change_dataset(account, DOCUMENTS["ours"]) is changes
    assert may_add_to(account, DOCUMENTS["ours"]) is changes
