"""What the commands print of a dead letter: nothing of it is obeyed by the terminal."""

import json
from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner

from scicow.cli.dead_letters import printable
from scicow.cli.main import cli
from scicow.dead_letters.dead_letter import dead_letter_of
from scicow.dead_letters.sqlite import SqliteDeadLetters, StateFile
from scicow.delivery import Delivery, Origin
from scifish.outbox.outbox import Outbox

EVIL = "P\x1b[2J\n\r\x07\x7f\x9b31m\u202eé"


@pytest.fixture
def settings(tmp_path: Path) -> Path:
    """Return the settings of an outbox with one dead letter whose key, header and bytes are evil."""
    Outbox(tmp_path / "outbox.sqlite").close()
    origin, headers = Origin("outbox", 0, 7), (("hint", EVIL.encode()),)
    state = StateFile(tmp_path / "scicow.sqlite")
    SqliteDeadLetters(state, "dead").put(
        dead_letter_of(Delivery("b1", origin, EVIL.encode(), EVIL.encode(), headers), "why")
    )
    state.close()
    document = {
        "source": "outbox",
        "outbox": {"path": "outbox.sqlite"},
        "scicat": {"url": "http://scicat", "username": "cow", "password_file": "secret"},
        "proposals": {"file": {"path": "proposals.yaml"}},
    }
    path = tmp_path / "scicow.yaml"
    path.write_text(yaml.safe_dump(document))
    return path


def printed(settings: Path, *arguments: str) -> str:
    # through the program: click keeps the help options of how a command was first called
    done = CliRunner().invoke(cli, ["dead", *arguments, "--config", str(settings)])
    assert done.exit_code == 0, done
    return done.stdout


def test_a_key_is_listed_on_one_line_without_its_control_characters(settings: Path) -> None:
    line = printed(settings, "list")
    assert line.endswith(r"  P\x1b[2J\n\r\x07\x7f\x9b31m\u202eé  why" + "\n")
    assert line[:-1].isprintable()


@pytest.mark.parametrize("arguments", [("list", "--json"), ("show", "outbox/0/7")])
def test_json_holds_the_same_text_escaped(settings: Path, arguments: tuple[str, ...]) -> None:
    text = printed(settings, *arguments)
    assert text.replace("\n", "").isprintable()
    dead_letter = json.loads(text)
    assert dead_letter["key"] == dead_letter["headers"]["hint"] == dead_letter.get("body", EVIL) == EVIL


def test_raw_bytes_are_as_they_are(settings: Path) -> None:
    assert printed(settings, "show", "outbox/0/7", "--raw").encode() == EVIL.encode()


def test_what_is_printable_stays() -> None:
    assert printable("Größe 3 Å") == "Größe 3 Å"
