"""Settings: the examples load, mistakes are named, secrets have no place in them."""

from pathlib import Path
from typing import Any

import pytest

from scifish.common.yaml_model import parse
from scifish.errors import SettingsError
from sdm import ProposalsSettings, SdmSettings, StorageSettings, load_settings
from sdm.settings import find_settings
from support.sdm.offices import write_settings

CONFIG = Path(__file__).parents[3] / "config"
DUO: dict[str, Any] = {"source": "duo", "duo": {"url": "https://duo.example.org/duo/api.php/v1"}}


def test_the_example_loads_with_its_proposals() -> None:
    settings = load_settings(CONFIG / "sdm.example.yaml")
    assert settings.proposals is not None
    assert settings.proposals.file is not None
    assert settings.proposals.file.path == CONFIG / "proposals.example.yaml"
    assert not settings.storage.apply_group


def test_paths_are_relative_to_the_file(tmp_path: Path) -> None:
    duo = {**DUO, "duo": {**DUO["duo"], "token_file": "secrets/duo"}, "cache": {"folder": "~/x"}}
    settings = load_settings(write_settings(tmp_path / "sdm.yaml", proposals=duo, storage={"root": "data"}))
    assert settings.proposals is not None
    assert settings.proposals.duo is not None
    assert settings.proposals.duo.token_file == tmp_path / "secrets" / "duo"
    assert settings.proposals.cache.folder == Path.home() / "x"
    assert settings.storage.root == tmp_path / "data"


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"source": "duo"}, "there is no section 'duo'"),
        ({**DUO, "zone": "Europe/Zuerich"}, "time zone 'Europe/Zuerich' is not known"),
        ({**DUO, "zone": "../../etc/passwd"}, "is not known"),
        ({**DUO, "duo": {"url": "https://x/?token=1"}}, "duo.url"),
        ({**DUO, "duo": {"url": "https://x", "tokenfile": "t"}}, "did you mean 'token_file'?"),
        ({**DUO, "duo": {"url": "https://x", "token": "secret"}}, "unknown key 'duo.token'"),
        ({**DUO, "cache": {"grace": -1}}, "cache.grace"),
        ({"source": "ldap"}, "source"),
    ],
)
def test_a_mistake_is_named(wrong: dict[str, Any], words: str) -> None:
    with pytest.raises(SettingsError) as caught:
        parse(ProposalsSettings, wrong, "sdm.yaml")
    assert words in str(caught.value)


@pytest.mark.parametrize("rule", ["{group}", "{}", "{proposal", "{proposal}:x", "-{proposal}", ""])
def test_a_rule_that_gives_no_group_is_refused(rule: str) -> None:
    with pytest.raises(SettingsError, match=r"storage.*group_format: .*use \{proposal\}"):
        parse(SdmSettings, {"storage": {"group_format": rule}}, "sdm.yaml")


@pytest.mark.parametrize(("mode", "value"), [("0o2770", 0o2770), ("2750", 0o2750), (0o2770, 0o2770)])
def test_modes_are_octal(mode: object, value: int) -> None:
    assert StorageSettings.model_validate({"mode": mode}).mode == value


@pytest.mark.parametrize("mode", [2770, 770, 750, 755, 777, "0770x", "0o070", "7777"])
def test_a_mode_that_was_meant_octal_is_not_taken_as_decimal(mode: object) -> None:
    with pytest.raises(SettingsError, match="mode"):
        parse(StorageSettings, {"mode": mode}, "sdm.yaml")


def test_settings_are_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SDM_CONFIG", str(write_settings(tmp_path / "sdm.yaml")))
    assert not find_settings().storage.apply_group
    monkeypatch.delenv("SDM_CONFIG")
    assert find_settings(tmp_path / "none.yaml") == SdmSettings()


@pytest.mark.parametrize("written", ["off", "'off'", "false", "no"])
def test_acl_off_as_yaml_reads_it(tmp_path: Path, written: str) -> None:
    (tmp_path / "sdm.yaml").write_text(f"storage: {{acl: {written}}}")
    assert load_settings(tmp_path / "sdm.yaml").storage.acl == "off"


@pytest.mark.parametrize("written", ["on", "1", "default"])
def test_another_word_for_acl_is_refused(tmp_path: Path, written: str) -> None:
    (tmp_path / "sdm.yaml").write_text(f"storage: {{acl: {written}}}")
    with pytest.raises(SettingsError, match=r"line 1: storage\.acl: "):
        load_settings(tmp_path / "sdm.yaml")


@pytest.mark.parametrize(
    ("storage", "words"),
    [
        ({"folders": {"process": {}}}, "folders has no 'raw'"),
        ({"folders": {"raw": {}, "a/b": {}}}, "folders has 'a/b', which cannot be a folder"),
        ({"folders": {"raw": {}, "CON": {}}}, "folders has 'CON', which cannot be a folder"),
        ({"folders": {"raw": {"acl": ["jim:rwx"]}}}, "write u:ACCOUNT:rwx or g:GROUP:r-x"),
        ({"folders": {"raw": {"mod": 0o700}}}, "did you mean 'mode'?"),
        ({"template": "{beamline}/{proposal}"}, "storage.template: is no path template"),
        ({"parents": {"mode": 0o1}}, "shuts the owner out"),
        ({"marker": "a/b"}, "storage.marker"),
    ],
)
def test_a_mistake_in_the_directories_is_named(storage: dict[str, Any], words: str) -> None:
    with pytest.raises(SettingsError) as caught:
        parse(SdmSettings, {"storage": storage}, "sdm.yaml")
    assert words in str(caught.value)
