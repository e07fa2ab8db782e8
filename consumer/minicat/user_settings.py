"""What SciCat keeps for a user: its own page's settings, and those of other programs (`external`)."""

from collections.abc import Mapping
from typing import Any

from minicat.errors import bad_request, forbidden
from minicat.rules.accounts import user_id
from minicat.rules.permissions import Account
from minicat.store import DocumentStore

Document = dict[str, Any]
_DEFAULTS: Document = {"datasetCount": 25, "jobCount": 25}


class UserSettings:
    """The settings of users: each reads and changes its own, administrators those of all."""

    def __init__(self, store: DocumentStore) -> None:
        self._store = store

    def begin(self, identifier: str) -> None:
        """Make the settings of a user at its first log-in."""
        if self._store.get("setting", identifier) is None:
            made = {**_DEFAULTS, "userId": identifier, "_id": identifier, "__v": 0}
            self._store.insert("setting", identifier, made)

    def read(self, identifier: str, account: Account) -> Document | None:
        """Return the settings of a user; None of one that has never logged in. Raises ApiError 403."""
        check_own(identifier, account)
        return self._store.get("setting", identifier)

    def change_external(self, identifier: str, body: object, account: Account) -> Document | None:
        """Set members of `external`, each whole; a dot leads inside. Raises ApiError 400, 403."""
        check_own(identifier, account)
        if not isinstance(body, dict):
            raise bad_request(f"external settings: need a JSON object (it is {body!r:.60})")
        stored = self._store.get("setting", identifier)
        if stored is None:
            return None
        external = dict(stored.get("externalSettings") or {})
        for name, value in body.items():
            external = _with(external, name.split("."), value)
        changed = {**stored, "externalSettings": external}
        self._store.replace("setting", identifier, changed)
        return {**changed, "id": identifier}


def check_own(identifier: str, account: Account) -> None:
    """Raise ApiError 403 unless `identifier` is the account's, or the account is an administrator's."""
    if not account.admin and identifier != user_id(account.username or ""):
        raise forbidden("Access Forbidden or Unauthorized")


def _with(target: Mapping[str, Any], steps: list[str], value: object) -> Document:
    first, *rest = steps
    if not rest:
        return {**target, first: value}
    inside = target.get(first)
    return {**target, first: _with(inside if isinstance(inside, dict) else {}, rest, value)}
