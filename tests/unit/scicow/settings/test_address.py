"""scicat.url: a plain address, and no password that an error would print."""

from pathlib import Path

import pytest
import yaml

from scicow.settings.model import load
from scifish.errors import SettingsError


def write(folder: Path, url: str) -> Path:
    document = {
        "source": "outbox",
        "outbox": {"path": "outbox.sqlite"},
        "scicat": {"url": url, "username": "cow", "password_file": "secret"},
        "proposals": {"file": {"path": "proposals.yaml"}},
    }
    path = folder / "scicow.yaml"
    path.write_text(yaml.safe_dump(document))
    return path


@pytest.mark.parametrize(
    "url",
    [
        "http://scicat",
        "https://scicat.example.org/",
        "http://[::1]:3000",
        "https://h/behind/a/proxy",
        "HTTP://h",
    ],
)
def test_addresses_are_taken(tmp_path: Path, url: str) -> None:
    assert load(write(tmp_path, url), {}).scicat.url == url


@pytest.mark.parametrize("environment", [False, True])
@pytest.mark.parametrize(
    "url", ["http://cow:hunter2@h", "http://hunter2@h", "cow:hunter2@h", "http://cow:hunter2 /#@h:x"]
)
def test_an_account_in_it_is_refused_and_not_shown(tmp_path: Path, url: str, environment: bool) -> None:
    path = write(tmp_path, "http://h" if environment else url)
    with pytest.raises(SettingsError, match=r"scicat: .*url holds an account.*password_file") as caught:
        load(path, {"SCICOW__SCICAT__URL": url} if environment else {})
    assert "hunter2" not in str(caught.value)


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("http://h?a=b", "holds '?' or '#'"),
        ("http://h/#top", "holds '?' or '#'"),
        ("http://h:99999", "out of range"),
        ("http://h:-1", "is no address"),
        ("http://h:x", "is no address"),
        ("http://h:0", "has no port"),
        ("http://h:", "has no port"),
        ("http://[::1", "is no address"),
        ("http://:80", "is no address"),
        ("http://", "is no address"),
        ("scicat.example.org", "is no address"),
        ("ftp://h", "is no address"),
        ("http://h h", "holds a character"),
        ("http://h\n", "holds a character"),
        ("http://hé", "holds a character"),
    ],
)
def test_what_is_no_address_is_refused(tmp_path: Path, url: str, why: str) -> None:
    with pytest.raises(SettingsError) as caught:
        load(write(tmp_path, url), {})
    text = str(caught.value)
    assert why in text
    assert repr(url) in text
    assert len(text.splitlines()) == 1
