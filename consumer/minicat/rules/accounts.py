"""Log-in: accounts, and tokens that end."""

import hashlib
import hmac
import re
import secrets
import time
from collections.abc import Callable
from datetime import datetime, timezone
from typing import Any

from pydantic import SecretStr

from minicat.errors import bad_request, unauthorized
from minicat.rules.permissions import ANONYMOUS, Account, account_of
from minicat.settings import Settings, User
from minicat.store import DocumentStore, IssuedToken
from scifish.common.clock import iso

_SECONDS = {"": 1.0, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0, "w": 604800.0, "y": 31557600.0}
_FOR_EVER = 100 * _SECONDS["y"]


class Accounts:
    """Who may log in, and who a token stands for; `now` is the time in seconds since 1970."""

    def __init__(
        self, settings: Settings, store: DocumentStore, now: Callable[[], float] = time.time
    ) -> None:
        self._settings = settings
        self._users = {user.username: user for user in settings.users}
        self._accounts = {user.username: account_of(user, settings) for user in settings.users}
        self._admitted: set[str] = set()
        self._lifetime = settings.token_lifetime
        self._store = store
        self._now = now
        for name, one in store.everybody():
            self._admit(name, one["email"], tuple(one["groups"]))

    def login(self, username: object, password: object) -> dict[str, Any]:
        """Return SciCat's answer to a log-in. Raises ApiError 401."""
        user = self._users.get(username) if isinstance(username, str) else None
        expected = user.password.get_secret_value() if user else secrets.token_hex()
        given = password if isinstance(password, str) else ""
        right = hmac.compare_digest(given.encode(), expected.encode())
        if user is None or not right:
            raise unauthorized("the user name or the password is wrong")
        token = self._token(user.username, self._lifetime)
        return {
            "access_token": token,
            "id": token,
            "expires_in": self._lifetime,
            "ttl": self._lifetime,
            "created": iso(datetime.fromtimestamp(self._now(), timezone.utc)),
            "userId": user_id(user.username),
            "user": profile(user),
        }

    def admit(self, username: str, email: str, groups: tuple[str, ...]) -> str:
        """Return a token for who comes from the issuer; as in SciCat an account of that name is the same."""
        self._admit(username, email, groups)
        self._store.keep_user(username, {"email": email, "groups": list(groups)})
        return self._token(username, self._lifetime)

    def strategy(self, username: str) -> str:
        """Return how a user logs in: `local` or `oidc`."""
        return "oidc" if username in self._admitted else "local"

    def account(self, authorization: str | None) -> Account:
        """Return who asks, by the Authorization header.

        As in SciCat a wrong or dead token is no error here: who sends one is nobody.
        """
        if not authorization:
            return ANONYMOUS
        scheme, _, text = authorization.partition(" ")
        token = self._store.token(text.strip()) if scheme.lower() == "bearer" else None
        account = self._accounts.get(token.username) if token else None
        if token is None or account is None or token.ends <= self._now():
            return ANONYMOUS
        return account

    def logout(self, authorization: str | None) -> None:
        """Make a token useless."""
        self._store.remove_token((authorization or "").partition(" ")[2].strip())

    def user(self, username: str | None) -> User:
        """Return the user of an account. Raises ApiError 401 for nobody."""
        if username is None:
            raise unauthorized("nobody is logged in; log in first")
        return self._users[username]

    def may_create_datasets(self, identifier: str) -> bool:
        """Tell whether the user of `identifier` may create datasets; nobody else may change one either."""
        named = {user_id(name): account for name, account in self._accounts.items()}
        account = named.get(identifier, ANONYMOUS)
        return account.admin or account.creates or account.privileged or account.with_pid

    def mint(self, identifier: str, expires: object) -> str:
        """Return a token of another life for the user of `identifier`. Raises ApiError 400."""
        for name in self._users:
            if identifier in (user_id(name), name):
                return self._token(name, _duration(expires, self._lifetime))
        raise bad_request(f"no user has the id {identifier!r:.60}")

    def _admit(self, username: str, email: str, groups: tuple[str, ...]) -> None:
        if username in self._users and username not in self._admitted:
            return
        nobodys = SecretStr(secrets.token_urlsafe(32))
        user = User(username=username, password=nobodys, groups=groups, email=email)
        self._users[username] = user
        self._accounts[username] = account_of(user, self._settings)
        self._admitted.add(username)

    def _token(self, username: str, seconds: float) -> str:
        text = secrets.token_urlsafe(32)
        self._store.add_token(text, IssuedToken(username, self._now() + seconds))
        return text


def user_id(username: str) -> str:
    """Return the identifier of a user, which is always the same."""
    return hashlib.sha256(username.encode()).hexdigest()[:24]


def profile(user: User, strategy: str = "local") -> dict[str, Any]:
    """Return what a user is told of itself."""
    return {
        "_id": user_id(user.username),
        "id": user_id(user.username),
        "username": user.username,
        "email": user.address(),
        "authStrategy": strategy,
    }


def _duration(text: object, default: float) -> float:
    if text is None:
        return default
    if text == "never":
        return _FOR_EVER
    found = re.fullmatch(r"\s*(\d{1,9})\s*([smhdwy]?)\s*", str(text))
    if found is None:
        raise bad_request(f"expiresIn: {text!r:.60} is no time; write never, or such as 12h or 30d")
    return min(int(found[1]) * _SECONDS[found[2]], _FOR_EVER)
