"""The settings of Kafka, which who writes there and who reads from there have in common."""

from pathlib import Path

import pytest

from scicow.kafka.settings import GroupSettings
from scifish.common.yaml_model import parse
from scifish.errors import SettingsError
from scifish.settings.kafka import KafkaSettings
from scifish.settings.lookup import find_settings, settings_table


@pytest.fixture
def files(tmp_path: Path) -> dict[str, str]:
    names = ("ca_file", "certificate_file", "key_file", "key_password_file", "password_file")
    for name in names:
        (tmp_path / name).write_text(f"in {name}\n")
    return {name: str(tmp_path / name) for name in names}


@pytest.mark.parametrize("kind", [KafkaSettings, GroupSettings])
def test_each_setting_is_its_option(kind: type[KafkaSettings], files: dict[str, str]) -> None:
    account = {"security_protocol": "SASL_SSL", "mechanism": "SCRAM-SHA-512", "username": "cow"}
    options = kind.model_validate({"bootstrap": "h:1", **account, **files}).client()
    wanted = {
        "bootstrap.servers": "h:1",
        "security.protocol": "SASL_SSL",
        "ssl.ca.location": files["ca_file"],
        "ssl.certificate.location": files["certificate_file"],
        "ssl.key.location": files["key_file"],
        "ssl.key.password": "in key_password_file",
        "sasl.mechanism": "SCRAM-SHA-512",
        "sasl.username": "cow",
        "sasl.password": "in password_file",
    }
    assert {name: options[name] for name in wanted} == wanted


def test_an_option_goes_before_its_setting_and_a_secret_before_both(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("from the file\n")
    options = {"security.protocol": "SSL", "sasl.password": "open"}
    secret = {"sasl.password": tmp_path / "secret"}
    found = KafkaSettings(bootstrap="h:1", options=options, secret_files=secret).client()
    assert (found["security.protocol"], found["sasl.password"]) == ("SSL", "from the file")


@pytest.mark.parametrize("given", [{"ca_file": "ca.pem"}, {"secret_files": {"sasl.password": "secret"}}])
def test_no_path_of_a_client_depends_on_its_folder(given: dict[str, object]) -> None:
    with pytest.raises(SettingsError, match="write the whole path"):
        parse(KafkaSettings, {"bootstrap": "h:1", **given}, "here")
    assert parse(GroupSettings, {"bootstrap": "h:1", **given}, "here").bootstrap == "h:1"


@pytest.mark.parametrize("kind", [KafkaSettings, GroupSettings])
def test_the_former_name_of_the_brokers_is_taken_with_a_warning(
    kind: type[KafkaSettings], caplog: pytest.LogCaptureFixture
) -> None:
    assert parse(kind, {"bootstrap_servers": "h:1"}, "here").bootstrap == "h:1"
    assert "here: bootstrap_servers is called bootstrap now" in caplog.text


@pytest.mark.parametrize("name", ["bootstrap.servers", "metadata.broker.list"])
def test_the_brokers_stand_in_one_place(name: str) -> None:
    with pytest.raises(SettingsError, match=f"{name} stands in `bootstrap`; remove it from options"):
        parse(KafkaSettings, {"bootstrap": "h:1", "options": {name: "h:2"}}, "here")


def test_a_file_of_a_password_is_shown_and_its_content_is_not(files: dict[str, str], tmp_path: Path) -> None:
    path = tmp_path / "scifish.yaml"
    path.write_text(f"kafka: {{bootstrap: 'h:1', password_file: {files['password_file']}}}\n")
    rows = {name: value for name, value, _ in settings_table(find_settings({"SCIFISH_CONFIG": str(path)}))}
    assert rows["kafka.password_file"] == files["password_file"]
