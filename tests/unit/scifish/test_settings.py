"""The settings: where they come from, what is wrong with them, and which values never show."""

from pathlib import Path

import pytest

from scifish import lookup
from scifish.errors import SettingsError
from scifish.localdisk import network_file_system
from scifish.lookup import Found, find_settings, shown
from scifish.settings import Settings, is_secret
from scifish.yamlmodel import load

EXAMPLE = Path(__file__).parents[3] / "config" / "scifish.example.yaml"
NOWHERE = Path("/nonexistent/scifish.yaml")


@pytest.fixture(autouse=True)
def no_tango(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lookup, "TANGO_FILES", ())


def written(folder: Path, text: str) -> Path:
    path = folder / "scifish.yaml"
    path.write_text(text)
    return path


def test_the_example_is_read_and_names_every_setting() -> None:
    found = Found(load(Settings, EXAMPLE))
    text = EXAMPLE.read_text()
    for name, _, _ in shown(found):
        assert f"{name.split('.')[-1]}:" in text or name.startswith(("kafka.options.", "kafka.secretFiles."))


def test_the_variable_wins_over_the_host_s_file(tmp_path: Path) -> None:
    named = written(tmp_path, "beamline: bl01\n")
    host = tmp_path / "host.yaml"
    host.write_text("beamline: bl02\norchestrator: host\n")
    found = find_settings({"SCIFISH_CONFIG": str(named)}, host_file=host)
    assert (found.settings.beamline, found.settings.orchestrator) == ("bl01", None)
    assert found.origins["beamline"] == f"{named} (SCIFISH_CONFIG)"
    assert find_settings({}, host_file=host).settings.beamline == "bl02"


MOUNTS = "dev / ext4 rw\nsrv:/h /net nfs4 rw\nsrv:/d /net/local\\040disk ext4 rw\nx /net/me xfs rw\n"


@pytest.mark.parametrize(
    ("path", "kind"),
    [("/net/you/o", "nfs4"), ("/net/me/o", None), ("/net/local disk/o", None), ("/var/o", None)],
)
def test_an_outbox_on_a_network_is_noticed(path: str, kind: str | None) -> None:
    assert network_file_system(Path(path), MOUNTS) == kind


def test_nothing_configured_means_defaults() -> None:
    found = find_settings({}, host_file=NOWHERE)
    assert found.settings.delivery == "outbox"
    assert {source for _, _, source in shown(found)} == {"default"}
    assert found.problems == ()


def test_a_tango_database_that_does_not_answer_costs_its_deadline_only() -> None:
    found = find_settings({"TANGO_HOST": "127.0.0.1:1"}, host_file=NOWHERE, deadline=2)
    assert found.settings == Settings()
    assert "not looked for in Tango" in found.problems[0]


def test_the_tango_host_is_found_as_tango_finds_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rc = tmp_path / "tangorc"
    rc.write_text("# comment\nTANGO_HOST=db:10000\n")
    assert lookup.tango_host({}) is None
    assert lookup.tango_host({"TANGO_HOST": "other:1"}) == "other:1"
    monkeypatch.setattr(lookup, "TANGO_FILES", (tmp_path / "none", rc))
    assert lookup.tango_host({}) == "db:10000"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("beamlin: x\n", "unknown key 'beamlin'; did you mean 'beamline'?"),
        ("outbox: {retention: 3}\n", "unknown key 'outbox.retention'; did you mean 'retentionDays'?"),
        ("mode: fast\n", "mode"),
        ("mode: kafka\n", "mode kafka needs kafka.bootstrap"),
        ("contextTimeout: -1\n", "contextTimeout"),
        ("beamline: BL 01\n", "beamline"),
        ("kafka: {options: {bootstrap.servers: x}}\n", "remove it from options"),
        (": :\n", "line 1"),
    ],
)
def test_what_is_wrong_is_one_line_that_names_file_and_key(tmp_path: Path, text: str, said: str) -> None:
    path = written(tmp_path, text)
    with pytest.raises(SettingsError) as caught:
        find_settings({"SCIFISH_CONFIG": str(path)})
    assert said in str(caught.value)
    assert str(path) in str(caught.value)
    assert "\n" not in str(caught.value)


def test_wrong_settings_still_keep_the_entry(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SCIFISH_CONFIG", str(written(tmp_path, "nonsense: 1\n")))
    found = lookup.find_settings_or_defaults()
    assert found.settings == Settings()
    assert "the settings are not used" in found.problems[0]


@pytest.mark.parametrize(
    ("text", "mode"),
    [
        ("mode: null\n", "null"),
        ("mode: print\n", "print"),
        ("kafka: {bootstrap: 'h:1'}\n", "kafka"),
        ("mode: outbox\nkafka: {bootstrap: 'h:1'}\n", "outbox"),
    ],
)
def test_the_mode_in_force(tmp_path: Path, text: str, mode: str) -> None:
    assert load(Settings, written(tmp_path, text)).delivery == mode


def test_secrets_come_from_files_and_never_show(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("hunter2\n")
    text = (
        f"kafka:\n  bootstrap: h:1\n  options: {{sasl.password: open, sasl.username: me}}\n"
        f"  secretFiles: {{ssl.key.password: {secret}}}\n"
    )
    found = find_settings({"SCIFISH_CONFIG": str(written(tmp_path, text))})
    options = found.settings.kafka.all_options()
    assert options == {"sasl.password": "open", "sasl.username": "me", "ssl.key.password": "hunter2"}
    rows = {name: (value, source) for name, value, source in shown(found)}
    assert rows["kafka.options.sasl.password"][0] == "********"
    assert rows["kafka.options.sasl.username"][0] == "me"
    assert rows["kafka.secretFiles.ssl.key.password"][0] == str(secret)
    assert rows["kafka.bootstrap"][1].endswith("(SCIFISH_CONFIG)")
    secret.unlink()
    with pytest.raises(SettingsError, match=r"ssl\.key\.password.*cannot be read"):
        found.settings.kafka.all_options()


@pytest.mark.parametrize("name", ["sasl.password", "ssl.keystore.password", "sasl.oauthbearer.client.secret"])
def test_what_is_a_secret(name: str) -> None:
    assert is_secret(name)
    assert not is_secret("sasl.username")
