"""Log-in by an OIDC issuer, such as Keycloak, in the steps of SciCat: code flow, the state in a session."""

import base64
import binascii
import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlencode

from pydantic import BaseModel, ValidationError
from pydantic_core import from_json

from minicat.errors import server_error, unauthorized
from minicat.settings import FrontendClient, OidcSettings
from scifish.http import HttpFailure
from scifish.http.client import HttpAnswer, HttpClient

RETURN_URL = "/datasets"
_PATIENCE = 5.0  # seconds for an answer of the issuer
_SESSIONS = 1000  # the oldest is forgotten
_DISCOVERY = "/.well-known/openid-configuration"


class Endpoints(BaseModel):
    """What the issuer says of itself, as far as it is used."""

    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    end_session_endpoint: str | None = None


@dataclass(frozen=True)
class Begun:
    """A log-in that has begun in a browser."""

    state: str
    success_url: str
    return_url: str


@dataclass(frozen=True)
class IssuedPerson:
    """Who the issuer says it is."""

    username: str
    email: str
    groups: tuple[str, ...]


class OidcLogin:
    """The log-ins that have begun, by the identifier in the browser's cookie; one thread uses it."""

    def __init__(self, settings: OidcSettings) -> None:
        self._settings = settings
        self._begun: dict[str, Begun] = {}
        self._endpoints: Endpoints | None = None

    def endpoints(self) -> Endpoints:
        """Ask the issuer, once, where it does what. Raises ApiError 500."""
        if self._endpoints is None:
            self._endpoints = self._discovered()
        return self._endpoints

    @property
    def end_session(self) -> str | None:
        """Where the issuer's own log-in is ended; None before anybody has come from there."""
        return self._endpoints.end_session_endpoint if self._endpoints else None

    def _discovered(self) -> Endpoints:
        answer = _asked(self._settings.issuer, "GET", _DISCOVERY)
        try:
            return Endpoints.model_validate_json(answer.content)
        except ValidationError as error:
            raise server_error(f"oidc: {self._settings.issuer}{_DISCOVERY} is no OIDC issuer's") from error

    def begin(self, endpoints: Endpoints, client: str | None, return_url: str | None) -> tuple[str, str]:
        """Return the session and where the browser goes. Raises ApiError 401 for an unknown client."""
        known = {"scicat": FrontendClient(), **self._settings.frontend_clients}
        site = known.get(client or "scicat")
        if site is None:
            raise unauthorized("Unauthorized client")
        session, state = secrets.token_urlsafe(24), secrets.token_urlsafe(24)
        while len(self._begun) >= _SESSIONS:
            self._begun.pop(next(iter(self._begun)))
        self._begun[session] = Begun(state, site.success_url, return_url or site.return_url or RETURN_URL)
        asked = {
            "client_id": self._settings.client_id,
            "scope": self._settings.scope,
            "response_type": "code",
            "redirect_uri": self._settings.callback_url,
            "state": state,
        }
        return session, f"{endpoints.authorization_endpoint}?{urlencode(asked, quote_via=quote)}"

    def returned(self, session: str | None, query: Mapping[str, str]) -> Begun:
        """Return the log-in that the browser comes back with. Raises ApiError 401, 500."""
        begun = self._begun.get(session or "")
        if begun is None or not begun.success_url:
            raise server_error("Internal server error")  # SciCat's: no session, or nowhere to go on
        if query.get("state") != begun.state or "code" not in query:
            raise unauthorized("Unauthorized")
        del self._begun[session or ""]
        return begun

    def person(self, endpoints: Endpoints, code: str) -> IssuedPerson:
        """Take the code to the issuer, and return who it stands for. Raises ApiError 401, 500.

        The id token comes from the issuer itself and not through the browser: its signature is not checked.
        """
        wanted = self._settings
        secret = f"{quote(wanted.client_id)}:{quote(wanted.client_secret.get_secret_value())}"
        form = {"grant_type": "authorization_code", "code": code, "redirect_uri": wanted.callback_url}
        answer = _asked(
            endpoints.token_endpoint,
            "POST",
            "",
            headers={
                "Authorization": f"Basic {base64.b64encode(secret.encode()).decode()}",
                "Content-Type": "application/x-www-form-urlencoded",
            },
            content=urlencode(form).encode(),
        )
        claims = _claims(answer.content)
        audience = claims.get("aud")
        ours = wanted.client_id in (audience if isinstance(audience, list) else [audience])
        ends = claims.get("exp")
        if claims.get("iss") != endpoints.issuer or not ours or not _is_later(ends):
            raise server_error("oidc: the issuer's id token is for somebody else, or has ended")
        return self._person(claims)

    def _person(self, claims: Mapping[str, Any]) -> IssuedPerson:
        name = claims.get("preferred_username") or claims.get("name")
        if not isinstance(name, str) or not name:
            raise server_error("oidc: the issuer's id token names nobody")
        groups = claims.get(self._settings.access_groups_property or "")
        found = tuple(one for one in groups if isinstance(one, str)) if isinstance(groups, list) else ()
        return IssuedPerson(name, str(claims.get("email") or f"{name}@localhost"), found)


def arrival(begun: Begun, token: str, identifier: str) -> str:
    """Return where the browser goes with its token: the page's address, as SciCat writes it."""
    told = {"access-token": token, "user-id": identifier, "returnUrl": begun.return_url}
    mark = "&" if "?" in begun.success_url else "?"
    return f"{begun.success_url}{mark}{urlencode(told)}"


def _asked(address: str, method: str, path: str, **what: Any) -> HttpAnswer:
    try:
        with HttpClient(address, timeout=_PATIENCE) as client:
            answer = client.send(method, path, **what)
    except HttpFailure as error:
        raise server_error(f"oidc: {address}: {error}; is the issuer there?") from error
    if not answer.ok:
        raise server_error(f"oidc: {address}: the issuer answers {answer.status}")
    return answer


def _claims(content: bytes) -> dict[str, Any]:
    try:
        body = from_json(content)["id_token"].split(".")[1]
        claims = from_json(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))
    except (ValueError, KeyError, TypeError, AttributeError, IndexError, binascii.Error) as error:
        raise server_error("oidc: the issuer's answer holds no id token") from error
    return claims if isinstance(claims, dict) else {}


def _is_later(ends: object) -> bool:
    return isinstance(ends, (int, float)) and ends > time.time()
