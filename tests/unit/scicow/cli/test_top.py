"""What `scicow top` says where something else than a SciCow answers."""

from typing import NamedTuple

import pytest
from rich.console import Console
from rich.live import Live

from scicow.cli.top import _next, look, show
from scicow.errors import ScicowError
from scicow.metrics import Metrics
from scifish.http import HttpAnswer

URL = "http://cow:9464"
READY = b'{"ok": true, "problems": {}}'
STRANGE = [
    (b'{"problems": ["Kafka is away"]}', b"", "/ready gives problems as list"),
    (b'{"problems": null}', b"", "/ready gives problems as NoneType"),
    (b'["x"]', b"", "list indices"),
    (b"{}", b"", "no 'problems'"),
    (b"<html>", b"", "Expecting value"),
    (READY, b"<html><body>hi</body></html>", "invalid metric name"),
    (READY, b"{}", "ValueError"),
    (READY, b"\xff", "utf-8"),
    (READY, b'scicow_messages_total{beamline="b"} 1', "no 'result'"),
    (READY, b'scicow_dead_letters{beamline="b"} 1', "no 'store'"),
    (READY, None, "404"),
]


class Canned(NamedTuple):
    """A server that answers this; without metrics it knows no /metrics."""

    ready: bytes
    metrics: bytes | None

    def send(self, method: str, path: str) -> HttpAnswer:
        assert method == "GET"
        content = self.ready if path == "/ready" else self.metrics
        return HttpAnswer(404, b"") if content is None else HttpAnswer(200, content)


@pytest.fixture
def live() -> Live:
    return Live(console=Console(width=400, height=24, color_system=None), auto_refresh=False)


@pytest.mark.parametrize(("ready", "metrics", "why"), STRANGE)
def test_what_is_no_scicow_is_one_line(ready: bytes, metrics: bytes | None, why: str) -> None:
    with pytest.raises(ScicowError) as caught:
        look(Canned(ready, metrics), URL)
    text = str(caught.value)
    assert text.startswith(f"{URL}: no SciCow answers there (")
    assert why in text
    assert "correct --url" in text
    assert "\n" not in text


@pytest.mark.parametrize(("ready", "metrics", "why"), STRANGE)
def test_what_turns_strange_later_is_a_trouble_on_the_page(
    ready: bytes, metrics: bytes | None, why: str, live: Live
) -> None:
    page = look(Canned(READY, Metrics().text()), URL)
    with live.console.capture() as captured:
        assert _next(Canned(ready, metrics), URL, page, live) is page  # the last values stay
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
