"""Requests to SciCat with an account's token; one that has died is replaced."""

from collections.abc import Callable, Mapping
from typing import Any, Generic, NamedTuple, Protocol, TypeVar

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


class HttpRequest(NamedTuple):
    """What is sent once, as it is; `longer`: seconds that it may take beside the time-out."""

    method: str
    path: str
    headers: Mapping[str, str] = {}
    content: bytes | None = None
    longer: float = 0.0

    def __str__(self) -> str:
        """Return it as error texts name it: the query is long and says little."""
        return f"SciCat {self.method} {self.path.partition('?')[0]}"


class ScicatAccount(Generic[Answer]):
    """Sends requests with the token. `root`: the path of SciCat's version 3. Thread-safe."""

    def __init__(self, send: Callable[[HttpRequest], Answer], tokens: TokenKeeper, root: str) -> None:
        self.tokens = tokens
        self._send = send
        self._whoami = whoami_at(root)

    def ask(self, request: HttpRequest) -> Answer:
        """Send a request and return the answer; an expired token is renewed once. Raises LoginRefused."""
        for _ in range(2):  # the second time with a new token
            token = self.tokens.get()
            answer = self._send(_with(token, request))
            if not self._is_dead(answer, token):
                return answer
            self.tokens.refused(token)
        raise self._refused(request, answer)

    def whoami(self) -> str:
        """Return the name of the account that the token stands for. Raises LoginRefused."""
        for _ in range(2):
            token = self.tokens.get()
            answer = self._send(_with(token, self._whoami))
            if name := _account(answer):
                return name
            self.tokens.refused(token)
        raise self._refused(self._whoami, answer)

    def _is_dead(self, answer: ScicatAnswer, token: str) -> bool:
        """Tell whether the token is the cause: to an expired one SciCat says 403, as to a missing right."""
        if answer.status == 403:
            return not is_known(self._send, self._whoami, token)
        return answer.status == 401

    def _refused(self, request: HttpRequest, answer: ScicatAnswer) -> LoginRefused:
        text = "it does not know the token, nor a new one"
        advice = "ask its admin whether the account is blocked, or for a new token"
        return LoginRefused(f"{request}: {text} ({answer.status}); {advice}", self.tokens.retry)


def whoami_at(root: str) -> HttpRequest:
    """Return the question whose token it is; `root`: the path of SciCat's version 3."""
    return HttpRequest("GET", f"{root}/auth/whoami")


def is_known(send: Callable[[HttpRequest], ScicatAnswer], whoami: HttpRequest, token: str) -> bool:
    """Tell whether SciCat knows the token. Raises what `send` raises."""
    return _account(send(_with(token, whoami))) is not None


def _with(token: str, request: HttpRequest) -> HttpRequest:
    return request._replace(headers={**request.headers, "Authorization": f"Bearer {token}"})


def _account(answer: ScicatAnswer) -> str | None:
    """Return the account's name in the answer to whoami, None for a dead token: 200 and nothing, or 401."""
    if answer.status in (401, 403):
        return None
    if answer.status == 404:  # a gateway hides it: then a 403 is believed
        return "not told"
    said = answer.json()
    name = said.get("username") if isinstance(said, dict) else None
    return name if isinstance(name, str) else None
