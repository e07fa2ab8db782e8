"""Requests of tests to one server: a session that knows the address and keeps paths as they are."""

from typing import Any

import requests


class Site(requests.Session):
    """Paths are relative to `base`; proxies and passwords of the environment are not used."""

    def __init__(self, base: str, timeout: float = 60) -> None:
        super().__init__()
        self.trust_env = False
        self.base = base.rstrip("/")
        self._timeout = timeout

    def request(self, method: str, path: str, **options: Any) -> requests.Response:  # type: ignore[override]
        options.setdefault("timeout", self._timeout)
        return super().request(method, f"{self.base}{path}", **options)

    def prepare_request(self, request: requests.Request) -> requests.PreparedRequest:
        """Prepare a request; requests would write `%2E` as a dot, which is another name for SciCat."""
        prepared = super().prepare_request(request)
        query = str(prepared.url).partition("?")[2]
        prepared.url = str(request.url).partition("?")[0] + (f"?{query}" if query else "")
        return prepared
