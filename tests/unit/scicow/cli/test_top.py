"""What `scicow top` says where something else than a SciCow answers."""

from typing import Any

import httpx
import pytest
from rich.console import Console
from rich.live import Live

from scicow.cli.top import _next, look, show
from scicow.errors import ScicowError
from scicow.metrics import Metrics

URL = "http://cow:9464"
READY: dict[str, Any] = {"ok": True, "problems": {}}
STRANGE = [
    (httpx.Response(200, json={"problems": ["Kafka is away"]}), b"", "/ready gives problems as list"),
    (httpx.Response(200, json={"problems": None}), b"", "/ready gives problems as NoneType"),
    (httpx.Response(200, json=["x"]), b"", "list indices"),
    (httpx.Response(200, json={}), b"", "no 'problems'"),
    (httpx.Response(200, text="<html>"), b"", "Expecting value"),
    (httpx.Response(200, json=READY), b"<html><body>hi</body></html>", "invalid metric name"),
    (httpx.Response(200, json=READY), b"{}", "ValueError"),
    (httpx.Response(200, json=READY), b'scicow_messages_total{beamline="b"} 1', "no 'result'"),
    (httpx.Response(200, json=READY), b'scicow_dead_letters{beamline="b"} 1', "no 'store'"),
    (httpx.Response(200, json=READY), None, "404"),
]


def client(ready: httpx.Response, metrics: bytes | None) -> httpx.Client:
    """Return a client of a server that answers this; None: it knows no /metrics."""

    def answer(request: httpx.Request) -> httpx.Response:
        if request.url.path == "/ready":
            return ready
        return httpx.Response(404) if metrics is None else httpx.Response(200, content=metrics)

    return httpx.Client(transport=httpx.MockTransport(answer))


@pytest.fixture
def live() -> Live:
    return Live(console=Console(width=400, height=24, color_system=None), auto_refresh=False)


@pytest.mark.parametrize(("ready", "metrics", "why"), STRANGE)
def test_what_is_no_scicow_is_one_line(ready: httpx.Response, metrics: bytes | None, why: str) -> None:
    with client(ready, metrics) as strange, pytest.raises(ScicowError) as caught:
        look(strange, URL)
    text = str(caught.value)
    assert text.startswith(f"{URL}: no SciCow answers there (")
    assert why in text
    assert "correct --url" in text
    assert "\n" not in text


@pytest.mark.parametrize(("ready", "metrics", "why"), STRANGE)
def test_what_turns_strange_later_is_a_trouble_on_the_page(
    ready: httpx.Response, metrics: bytes | None, why: str, live: Live
) -> None:
    with client(httpx.Response(200, json=READY), Metrics().text()) as good:
        page = look(good, URL)
    with client(ready, metrics) as strange, live.console.capture() as captured:
        assert _next(strange, URL, page, live) is page  # the last values stay
        live.console.print(live.renderable)
    shown = captured.get()
    assert f"no answer since then: {URL}: no SciCow answers there (" in shown
    assert why in shown


@pytest.mark.parametrize(
    ("name", "proxy"), [("all_proxy", "socks5://127.0.0.1:9"), ("http_proxy", "ftp://127.0.0.1:9")]
)
def test_proxies_of_the_environment_are_not_used(
    monkeypatch: pytest.MonkeyPatch, name: str, proxy: str
) -> None:
    monkeypatch.delenv("no_proxy", raising=False)
    monkeypatch.setenv(name, proxy)
    with pytest.raises(ScicowError, match="Connection refused"):
        show("http://127.0.0.1:9", once=True)
