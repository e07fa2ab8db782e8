"""Settings: YAML, the environment, secrets, errors that help."""

from pathlib import Path

import pytest
import yaml

from scicow.settings.model import load
from scifish.errors import SettingsError

ROOT = Path(__file__).parents[4]
GOOD = {
    "source": "outbox",
    "outbox": {"path": "outbox.sqlite"},
    "scicat": {"url": "http://scicat", "username": "cow", "password_file": "secret"},
    "proposals": {"file": {"path": "proposals.yaml"}},
}


def write(folder: Path, **changes: object) -> Path:
    path = folder / "scicow.yaml"
    path.write_text(yaml.safe_dump({**GOOD, **changes}))
    return path


def test_paths_are_relative_to_the_file(tmp_path: Path) -> None:
    settings = load(write(tmp_path), {})
    assert settings.outbox is not None
    assert settings.outbox.path == tmp_path / "outbox.sqlite"
    assert settings.outbox.state_file == tmp_path / "scicow.sqlite"
    assert settings.scicat.password_file == tmp_path / "secret"


def test_the_environment_goes_before_the_file(tmp_path: Path) -> None:
    environment = {
        "SCICOW__SCICAT__URL": "http://other",
        "SCICOW__WORKERS__CONCURRENCY": "7",
        "SCICOW__INGEST__KEYWORDS": "[a, b]",
        "SCICOW__KAFKA__BOOTSTRAP_SERVERS": "k:9092",
        "SCICOW__SOURCE": "kafka",
        "OTHER": "x",
    }
    settings = load(write(tmp_path), environment)
    assert settings.scicat.url == "http://other"
    assert settings.workers.concurrency == 7
    assert settings.ingest.keywords == ("a", "b")
    assert settings.source == "kafka"
    assert settings.kafka is not None
    assert settings.kafka.pattern == r"^metadata\..*"


@pytest.mark.parametrize(
    ("changes", "environment", "text"),
    [
        (
            {"workers": {"concurency": 3}},
            {},
            "unknown key 'workers.concurency'; did you mean 'concurrency'?",
        ),
        ({"workers": {"concurrency": 0}}, {}, "workers.concurrency"),
        ({"source": "kafka"}, {}, "there is no section 'kafka'"),
        ({}, {"SCICOW__WORKERS__QUEUES": "3"}, "did you mean 'queue'?"),
        ({}, {"SCICOW__SOURCE__X": "3"}, "SCICOW__SOURCE__X: 'source' is no section"),
        ({}, {"SCICOW__INGEST__KEYWORDS": "[a"}, "'[a' is not YAML"),
        ({}, {"SCICOW__SCICAT": "{password: hunter2"}, "SCICOW__SCICAT: the value is not YAML"),
        ({}, {"SCICOW__WORKERS__QUEUE": "x"}, "correct SCICOW__WORKERS__QUEUE in the environment"),
        ({"kafka": {"bootstrap": "k", "key_file": "k"}}, {}, "certificate_file and key_file belong"),
        ({"proposals": "nowhere.yaml"}, {}, "nowhere.yaml"),
    ],
)
def test_an_error_names_the_key_and_what_to_do(
    tmp_path: Path, changes: dict[str, object], environment: dict[str, str], text: str
) -> None:
    with pytest.raises(SettingsError) as caught:
        load(write(tmp_path, **changes), environment)
    assert text in str(caught.value)


def test_the_user_office_may_be_sdms_own_file(tmp_path: Path) -> None:
    (tmp_path / "sdm.yaml").write_text(yaml.safe_dump({"proposals": GOOD["proposals"]}))
    settings = load(write(tmp_path, proposals="sdm.yaml"), {})
    assert settings.proposals.file is not None
    assert settings.proposals.file.path == tmp_path / "proposals.yaml"


def test_the_kafka_password_is_in_no_text(tmp_path: Path) -> None:
    secret = tmp_path / "kafka.password"
    secret.write_text("hush\n")
    kafka = {
        "bootstrap": "k:9092",
        "security_protocol": "SASL_SSL",
        "mechanism": "SCRAM-SHA-512",
        "username": "cow",
        "password_file": "kafka.password",
    }
    settings = load(write(tmp_path, kafka=kafka), {"SCICOW__KAFKA__PASSWORD": "also"})
    assert settings.kafka is not None
    assert settings.kafka.client()["sasl.password"] == "hush"
    assert "hush" not in repr(settings)
    assert "also" not in repr(settings)
    secret.unlink()
    with pytest.raises(SettingsError, match="password_file"):
        settings.kafka.client()


@pytest.mark.parametrize("name", ["auto.offset.reset", "group.id", "enable.auto.commit", "acks"])
def test_what_the_promises_rest_on_is_not_to_be_changed(tmp_path: Path, name: str) -> None:
    kafka = {"bootstrap": "k:9092", "options": {name: "latest"}}
    with pytest.raises(SettingsError, match=f"options: {name} is not to be changed"):
        load(write(tmp_path, kafka=kafka), {})


def test_a_session_that_outlives_the_polls_is_refused_in_our_words(tmp_path: Path) -> None:
    kafka = {"bootstrap": "k:9092", "session_timeout": 40, "max_poll_interval": 30}
    with pytest.raises(SettingsError, match=r"session_timeout \(40 s\).*max_poll_interval \(30 s\)"):
        load(write(tmp_path, kafka=kafka), {})


def test_the_files_of_a_secured_connection_are_relative_to_the_file_too(tmp_path: Path) -> None:
    names = ("ca_file", "certificate_file", "key_file", "key_password_file")
    for name in names:
        (tmp_path / name).write_text("hush\n")
    kafka = {"bootstrap": "k:9092", "security_protocol": "SSL", **{name: name for name in names}}
    settings = load(write(tmp_path, kafka=kafka), {})
    assert settings.kafka is not None
    options = settings.kafka.client()
    assert options["ssl.certificate.location"] == str(tmp_path / "certificate_file")
    assert options["ssl.key.location"] == str(tmp_path / "key_file")
    assert options["ssl.ca.location"] == str(tmp_path / "ca_file")
    assert options["ssl.key.password"] == "hush"


def test_the_example_is_right() -> None:
    settings = load(ROOT / "config" / "scicow.example.yaml", {})
    assert settings.source == "kafka"
    assert settings.outbox is not None


def test_the_environment_finds_keys_however_the_file_writes_them(tmp_path: Path) -> None:
    duo = {"source": "duo", "duo": {"url": "https://duo/v1", "token_file": "old"}}
    environment = {"SCICOW__PROPOSALS__DUO__TOKENFILE": "/new", "SCICOW__PROPOSALS__DUO__STAFF_CODES": "[ST]"}
    settings = load(write(tmp_path, proposals=duo), environment)
    assert settings.proposals.duo is not None
    assert settings.proposals.duo.token_file == Path("/new")
    assert settings.proposals.duo.staff_codes == ("ST",)


@pytest.mark.parametrize("password", ["{hunter2", "[hunter2]", "12345"])
def test_a_password_from_the_environment_is_taken_as_it_is(tmp_path: Path, password: str) -> None:
    broker = {"bootstrap": "k:9092"}
    settings = load(write(tmp_path, kafka=broker), {"SCICOW__KAFKA__PASSWORD": password})
    assert settings.kafka is not None
    assert settings.kafka.client()["sasl.password"] == password
