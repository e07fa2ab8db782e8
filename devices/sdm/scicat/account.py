"""Requests to SciCat with an account's token; one that has died is replaced."""

from collections.abc import Mapping
from typing import Any, Generic, Protocol, TypeVar

from sdm.errors import LoginRefused
from sdm.scicat.token import TokenKeeper

JSON = {"Content-Type": "application/json"}


class ScicatAnswer(Protocol):
    """An answer of SciCat, whatever its status."""

    @property
    def status(self) -> int:
        """Return the HTTP status."""

    def json(self) -> Any:
        """Return the JSON of a good answer, None of an empty one; raise an error for any other."""


Answer = TypeVar("Answer", bound=ScicatAnswer)
Sent_co = TypeVar("Sent_co", bound=ScicatAnswer, covariant=True)


class Send(Protocol[Sent_co]):
    """What sends one request, as it is."""

    def __call__(
        self,
        method: str,
        path: str,
        headers: Mapping[str, str],
        content: bytes | None = None,
        *,
        longer: float = 0.0,
    ) -> Sent_co:
        """Return the answer; `longer`: seconds that it may take beside the time-out."""


class ScicatAccount(Generic[Answer]):
    """Sends requests with the token. `root`: the path of SciCat's version 3. Thread-safe."""

    def __init__(self, send: Send[Answer], tokens: TokenKeeper, root: str) -> None:
        self.tokens = tokens
        self._send = send
        self._whoami = f"{root}/auth/whoami"

    def ask(
        self,
        method: str,
        path: str,
        headers: Mapping[str, str] = JSON,
        content: bytes | None = None,
        *,
        longer: float = 0.0,
    ) -> Answer:
        """Send a request and return the answer; an expired token is renewed once. Raises LoginRefused."""
        for _ in range(2):  # the second time with a new token
            token = self.tokens.get()
            answer = self._send(method, path, {**headers, **_bearer(token)}, content, longer=longer)
            if not self._is_dead(answer, token):
                return answer
            self.tokens.refused(token)
        raise self._refused(f"{method} {path}", answer)

    def whoami(self) -> str:
        """Return the name of the account that the token stands for. Raises LoginRefused."""
        for _ in range(2):
            token = self.tokens.get()
            answer = self._send("GET", self._whoami, _bearer(token))
            if name := _account(answer):
                return name
            self.tokens.refused(token)
        raise self._refused(f"GET {self._whoami}", answer)

    def _is_dead(self, answer: ScicatAnswer, token: str) -> bool:
        """Tell whether the token is the cause: to an expired one SciCat says 403, as to a missing right."""
        if answer.status == 403:
            return _account(self._send("GET", self._whoami, _bearer(token))) is None
        return answer.status == 401

    def _refused(self, request: str, answer: ScicatAnswer) -> LoginRefused:
        text = "it does not know the token, nor a new one"
        advice = "ask its admin whether the account is blocked, or for a new token"
        shown = request.partition("?")[0]
        return LoginRefused(f"SciCat {shown}: {text} ({answer.status}); {advice}", self.tokens.retry)


def _bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def _account(answer: ScicatAnswer) -> str | None:
    """Return the account's name in the answer to whoami, None for a dead token: 200 and nothing, or 401."""
    if answer.status in (401, 403):
        return None
    if answer.status == 404:  # a gateway hides it: then a 403 is believed
        return "not told"
    said = answer.json()
    name = said.get("username") if isinstance(said, dict) else None
    return name if isinstance(name, str) else None
