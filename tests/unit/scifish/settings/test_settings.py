"""The settings: where they come from, what is wrong with them, and which values never show."""

from pathlib import Path

import pytest

from scifish.common.masking import is_secret
from scifish.common.yaml_model import load
from scifish.errors import SettingsError
from scifish.settings.lookup import (
    FoundSettings,
    find_settings,
    find_settings_or_defaults,
    settings_table,
    tango_host,
)
from scifish.settings.model import SciFishSettings, default_outbox

EXAMPLE = Path(__file__).parents[4] / "config" / "scifish.example.yaml"
NOWHERE = Path("/nonexistent/scifish.yaml")
NO_TANGO = {"TANGO_HOST": ""}


def written(folder: Path, text: str) -> Path:
    path = folder / "scifish.yaml"
    path.write_text(text)
    return path


def test_the_example_is_read_and_names_every_setting() -> None:
    found = FoundSettings(load(SciFishSettings, EXAMPLE))
    text = EXAMPLE.read_text()
    for name, _, _ in settings_table(found):
        assert f"{name.split('.')[-1]}:" in text or name.startswith(("kafka.options.", "kafka.secret_files."))


def test_the_variable_wins_over_the_host_s_file(tmp_path: Path) -> None:
    named = written(tmp_path, "beamline: bl01\n")
    host = tmp_path / "host.yaml"
    host.write_text("beamline: bl02\norchestrator: host\n")
    found = find_settings({"SCIFISH_CONFIG": str(named)}, host_file=host)
    assert (found.settings.beamline, found.settings.orchestrator) == ("bl01", None)
    assert found.origins["beamline"] == f"{named} (SCIFISH_CONFIG)"
    assert find_settings(NO_TANGO, host_file=host).settings.beamline == "bl02"


def test_nothing_configured_means_defaults() -> None:
    found = find_settings(NO_TANGO, host_file=NOWHERE)
    assert found.settings.delivery == "outbox"
    assert {source for _, _, source in settings_table(found)} == {"default"}
    assert found.problems == ()


def test_a_tango_database_that_does_not_answer_costs_its_deadline_only() -> None:
    found = find_settings({"TANGO_HOST": "127.0.0.1:1"}, host_file=NOWHERE, deadline=2)
    assert found.settings == SciFishSettings()
    assert "not looked for in Tango" in found.problems[0]


def test_the_tango_host_is_found_as_tango_finds_it(tmp_path: Path) -> None:
    rc = tmp_path / "tangorc"
    rc.write_text("# comment\nTANGO_HOST=db:10000\n")
    files = (str(tmp_path / "none"), str(rc))
    assert tango_host({}, ()) is None
    assert tango_host({}, files) == "db:10000"
    assert tango_host({"TANGO_HOST": "other:1"}, files) == "other:1"
    assert tango_host(NO_TANGO, files) is None


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("beamlin: x\n", "unknown key 'beamlin'; did you mean 'beamline'?"),
        ("outbox: {retention: 3}\n", "unknown key 'outbox.retention'; did you mean 'retention_days'?"),
        ("mode: fast\n", "mode"),
        ("mode: kafka\n", "mode kafka needs kafka.bootstrap"),
        ("context_timeout: -1\n", "context_timeout"),
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
    found = find_settings_or_defaults()
    assert found.settings == SciFishSettings()
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
    assert load(SciFishSettings, written(tmp_path, text)).delivery == mode


def test_secrets_come_from_files_and_never_show(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("hunter2\n")
    text = (
        f"kafka:\n  bootstrap: h:1\n  options: {{sasl.password: open, sasl.username: me}}\n"
        f"  secret_files: {{ssl.key.password: {secret}}}\n"
    )
    found = find_settings({"SCIFISH_CONFIG": str(written(tmp_path, text))})
    options = found.settings.kafka.client()
    given = {"sasl.password": "open", "sasl.username": "me", "ssl.key.password": "hunter2"}
    assert options == {"bootstrap.servers": "h:1", "security.protocol": "PLAINTEXT", **given}
    rows = {name: (value, source) for name, value, source in settings_table(found)}
    assert rows["kafka.options.sasl.password"][0] == "********"
    assert rows["kafka.options.sasl.username"][0] == "me"
    assert rows["kafka.secret_files.ssl.key.password"][0] == str(secret)
    assert rows["kafka.bootstrap"][1].endswith("(SCIFISH_CONFIG)")
    secret.unlink()
    with pytest.raises(SettingsError, match=r"ssl\.key\.password.*cannot be read"):
        found.settings.kafka.client()


PASSWORDS = [
    "kafka: {bootstrap: 'h:1', options: {bootstrap.servers: x, sasl.password: hunter2}}\n",
    "mode: kafka\nkafka: {options: {sasl.password: hunter2}}\n",
    "kafka: {bootstrap: 'h:1', options: {sasl.password: [hunter2]}}\n",
    "kafka: {bootstrap: 'h:1', options: {sasl.password: 2026-01-01, x: {sasl.password: hunter2}}}\n",
    "kafka: {bootstrap: [hunter2]}\n",
]


@pytest.mark.parametrize("text", PASSWORDS)
def test_a_wrong_file_does_not_show_its_passwords(tmp_path: Path, text: str) -> None:
    with pytest.raises(SettingsError) as caught:
        load(SciFishSettings, written(tmp_path, text))
    assert "hunter2" not in str(caught.value)
    assert "2026-01-01" not in str(caught.value).replace("datetime.date(2026, 1, 1)", "2026-01-01")


def test_addresses_and_every_kind_of_password_are_masked(tmp_path: Path) -> None:
    names = [
        "sasl.password",
        "ssl.key.password",
        "ssl.key.pem",
        "ssl.keystore.password",
        "sasl.oauthbearer.client.secret",
        "sasl.oauthbearer.config",
        "sasl.oauthbearer.assertion.private.key.passphrase",
    ]
    options = "".join(f"    {name}: hunter2\n" for name in names)
    address = "    sasl.oauthbearer.x: https://me:hunter2@host/path\n"
    found = FoundSettings(
        load(SciFishSettings, written(tmp_path, f"kafka:\n  bootstrap: h:1\n  options:\n{options}{address}"))
    )
    rows = {name: value for name, value, _ in settings_table(found)}
    assert "hunter2" not in str(rows)
    assert rows["kafka.options.sasl.oauthbearer.x"] == "https://********@host/path"


@pytest.mark.parametrize("name", ["sasl.password", "ssl.keystore.password", "sasl.oauthbearer.client.secret"])
def test_what_is_a_secret(name: str) -> None:
    assert is_secret(name)
    assert not is_secret("sasl.username")


def test_an_outbox_never_depends_on_the_current_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", "/users/me")
    found = load(SciFishSettings, written(tmp_path, "outbox: {path: ~/outbox.sqlite}\n"))
    assert found.outbox.path == Path("/users/me/outbox.sqlite")
    with pytest.raises(SettingsError, match="write the whole path"):
        load(SciFishSettings, written(tmp_path, "outbox: {path: outbox.sqlite}\n"))
    monkeypatch.setenv("XDG_STATE_HOME", "state")
    assert default_outbox().parent == Path("/users/me/.local/state/scizoo")


def test_a_user_without_a_home_has_an_outbox_that_survives(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("HOME")
    monkeypatch.delenv("XDG_STATE_HOME", raising=False)
    monkeypatch.setattr("os.getuid", lambda: 4_000_000)
    assert default_outbox().parent == Path("/var/tmp/user-4000000/scizoo")
