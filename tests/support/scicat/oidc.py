"""A catalogue whose users log in by the pretend issuer: minicat, or the real SciCat of the environment."""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import requests

from scizoo.facility.processes import free_port
from support.scicat.catalogue import Catalogue, minicat, real_catalogue
from support.scicat.oidc_issuer import CLIENT_ID, CLIENT_SECRET, issuer

CLIENT = "scanlog"
VARIABLE = (
    "SCICAT_OIDC"  # a real SciCat has the pretend issuer, which runs, and this OIDC_SCANLOG_SUCCESS_URL
)


@contextmanager
def oidc_minicat(folder: Path, success_url: str, **settings: Any) -> Iterator[Catalogue]:
    """Run minicat with an issuer; its page is at `success_url`."""
    port = free_port()
    with issuer(folder) as one:
        oidc = {
            "issuer": one.url,
            "client_id": CLIENT_ID,
            "client_secret": CLIENT_SECRET,
            "callback_url": f"http://127.0.0.1:{port}/api/v3/auth/oidc/callback",
            "access_groups_property": "groups",
            "frontend_clients": {CLIENT: {"success_url": success_url}},
        }
        with minicat(folder, "--port", str(port), oidc=oidc, **settings) as (catalogue, _):
            yield catalogue


@contextmanager
def oidc_catalogue(folder: Path) -> Iterator[tuple[Catalogue, str] | None]:
    """Give a catalogue with an issuer, and where its page is to be; None where a real one has no issuer."""
    real, page = real_catalogue(), os.environ.get(VARIABLE)
    if real is not None:
        yield (real, page) if page else None
        return
    page = f"http://127.0.0.1:{free_port()}/"
    with oidc_minicat(folder, page) as catalogue:
        yield catalogue, page


class OidcBrowser(requests.Session):
    """A browser with its cookies on the way from the page to the issuer and back."""

    def __init__(self, catalogue: Catalogue) -> None:
        super().__init__()
        self.trust_env = False
        self._base = f"{catalogue.url}/api/v3/auth/oidc"

    def begin(self, **query: str) -> requests.Response:
        return self.get(self._base, params=query, allow_redirects=False, timeout=60)

    def callback(self, **query: str) -> requests.Response:
        return self.get(f"{self._base}/callback", params=query, allow_redirects=False, timeout=60)

    def choose(self, person: str, begun: requests.Response) -> Mapping[str, str]:
        """Be somebody at the issuer, and return what comes back to SciCat."""
        address = f"{begun.headers['Location']}&person={person}"
        answer = requests.get(address, allow_redirects=False, timeout=60)
        assert answer.headers["Location"].startswith(f"{self._base}/callback?")
        return query_of(answer)


def query_of(answer: requests.Response) -> Mapping[str, str]:
    """Return the query of where an answer leads."""
    assert answer.status_code == 302, answer.text
    found = parse_qs(urlsplit(answer.headers["Location"]).query)
    return {name: values[0] for name, values in found.items()}
