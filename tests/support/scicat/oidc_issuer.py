"""A pretend OIDC issuer, as Keycloak for SciCat: a form that asks who one is, codes, and signed id tokens.

`python -m support.scicat.oidc_issuer PORT` runs it for a real SciCat, which
looks for its issuer when it starts (docs/developers/testing.md).
"""

import base64
import html
import json
import secrets
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

CLIENT_ID, CLIENT_SECRET = "scicat", "not-a-secret-on-loopback"
PEOPLE = {
    "ada": {"email": "ada@example.org", "groups": ["20260042-group"]},
    "ben": {"email": "ben@example.org", "groups": []},
}


class Issuer:
    """What it has given out, and the key that it signs with (RS256, by openssl)."""

    def __init__(self, folder: Path) -> None:
        self.url = ""
        self._key = folder / "issuer.pem"
        self._codes: dict[str, dict[str, str]] = {}
        _openssl("genrsa", "-out", str(self._key), "2048")
        told = _openssl("rsa", "-in", str(self._key), "-noout", "-modulus").decode()
        self._modulus = bytes.fromhex(told.strip().partition("=")[2])

    def configuration(self) -> dict[str, Any]:
        return {
            "issuer": self.url,
            "authorization_endpoint": f"{self.url}/authorize",
            "token_endpoint": f"{self.url}/token",
            "jwks_uri": f"{self.url}/keys",
            "end_session_endpoint": f"{self.url}/logout",
            "response_types_supported": ["code"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["RS256"],
        }

    def keys(self) -> dict[str, Any]:
        key = {"kty": "RSA", "use": "sig", "alg": "RS256", "kid": "1", "e": "AQAB", "n": _b64(self._modulus)}
        return {"keys": [key]}

    def code(self, person: str, asked: Mapping[str, str]) -> str:
        """Return a code for a person, which counts once."""
        code = secrets.token_urlsafe(16)
        self._codes[code] = {**asked, "person": person}
        return code

    def tokens(self, given: Mapping[str, str], authorization: str) -> dict[str, Any] | None:
        """Return tokens for a code; None when the client, its secret, the code or the address is wrong."""
        basic = base64.b64encode(f"{CLIENT_ID}:{CLIENT_SECRET}".encode()).decode()
        asked = self._codes.pop(given.get("code", ""), None)
        if authorization != f"Basic {basic}" or asked is None:
            return None
        if given.get("redirect_uri") != asked["redirect_uri"]:
            return None
        now = int(time.time())
        person = asked["person"]
        claims = {"iss": self.url, "sub": f"sub-{person}", "aud": CLIENT_ID, "iat": now, "exp": now + 60}
        who = {"preferred_username": person, "name": person.title(), **PEOPLE[person]}
        nonce = {"nonce": asked["nonce"]} if "nonce" in asked else {}
        signed = self._signed({**claims, **who, **nonce})
        return {"access_token": secrets.token_urlsafe(16), "token_type": "Bearer", "id_token": signed}

    def _signed(self, claims: Mapping[str, Any]) -> str:
        head = {"alg": "RS256", "typ": "JWT", "kid": "1"}
        text = f"{_b64(json.dumps(head).encode())}.{_b64(json.dumps(claims).encode())}"
        return f"{text}.{_b64(_openssl('dgst', '-sha256', '-sign', str(self._key), content=text.encode()))}"


@contextmanager
def issuer(folder: Path, port: int = 0) -> Iterator[Issuer]:
    """Run an issuer in a thread."""
    one = Issuer(folder)
    with ThreadingHTTPServer(("127.0.0.1", port), _handler(one)) as server:
        one.url = f"http://127.0.0.1:{server.server_port}"
        Thread(target=server.serve_forever, daemon=True).start()
        yield one
        server.shutdown()


def _handler(issuer: Issuer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            path, asked = urlsplit(self.path).path, _first(urlsplit(self.path).query)
            if path == "/.well-known/openid-configuration":
                self._json(issuer.configuration())
            elif path == "/keys":
                self._json(issuer.keys())
            elif path == "/authorize" and _is_right(asked):
                self._authorize(asked)
            else:
                self._json({"error": "invalid_request"}, 400)

        def do_POST(self) -> None:
            given = _first(self.rfile.read(int(self.headers.get("Content-Length", 0))).decode())
            found = issuer.tokens(given, self.headers.get("Authorization", ""))
            self._json(found or {"error": "invalid_grant"}, 200 if found else 400)

        def _authorize(self, asked: dict[str, str]) -> None:
            person = asked.pop("person", None)
            if person in PEOPLE:
                answer = {"code": issuer.code(person, asked)}
            elif person is not None:
                answer = {"error": "access_denied"}
            else:
                self._send(_form(asked).encode(), "text/html; charset=utf-8", 200)
                return
            self.send_response(302)
            state = {"state": asked["state"]} if "state" in asked else {}
            self.send_header("Location", f"{asked['redirect_uri']}?{urlencode({**answer, **state})}")
            self.end_headers()

        def _json(self, body: object, status: int = 200) -> None:
            self._send(json.dumps(body).encode(), "application/json", status)

        def _send(self, body: bytes, kind: str, status: int) -> None:
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing: requests hold codes."""

    return Handler


def _is_right(asked: Mapping[str, str]) -> bool:
    known = (asked.get("client_id"), asked.get("response_type")) == (CLIENT_ID, "code")
    return known and "openid" in asked.get("scope", "").split() and "redirect_uri" in asked


def _form(asked: Mapping[str, str]) -> str:
    hidden = "".join(
        f'<input type="hidden" name="{html.escape(name)}" value="{html.escape(value)}">'
        for name, value in asked.items()
    )
    buttons = "".join(f'<button name="person" value="{one}">{one}</button>' for one in [*PEOPLE, "nobody"])
    form = f'<form action="/authorize">{hidden}{buttons}</form>'
    return f'<!doctype html><html lang="en"><title>Issuer</title><h1>Who are you?</h1>{form}</html>'


def _first(query: str) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(query).items()}


def _b64(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


def _openssl(*arguments: str, content: bytes = b"") -> bytes:
    done = subprocess.run(["openssl", *arguments], input=content, capture_output=True, check=True)
    return done.stdout


def main() -> None:
    with tempfile.TemporaryDirectory() as folder, issuer(Path(folder), int(sys.argv[1])) as one:
        sys.stdout.write(f"issuer: {one.url}\n")
        sys.stdout.flush()
        Thread(target=sys.stdin.read).run()  # until its standard input ends


if __name__ == "__main__":
    main()
