"""Sources of proposals, one table: ours, and those that other packages bring."""

from pathlib import Path

import pytest
from pydantic import ValidationError

from scifish.errors import SettingsError
from sdm import OfficeUnavailable, ProposalSource, ProposalsSettings, load_settings, open_proposals
from sdm.sources import GROUP, OWN, proposal_sources
from support.plugin import install

SOURCE = """
from pydantic import BaseModel, ConfigDict
from sdm import ProposalSource

class Settings(BaseModel):
    model_config = ConfigDict(extra="forbid")
    address: str

class Nobody:
    def __init__(self, settings, zone): self.zone = zone
    def find(self, proposal_id): return None
    def ids_at(self, beamline): return (beamline, str(self.zone))

SOURCE = ProposalSource(Settings, Nobody, lambda settings: settings.address)
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.syspath_prepend(str(tmp_path))
    return tmp_path


def settings(folder: Path, source: str, **options: object) -> ProposalsSettings:
    document = {"source": source, "options": options, "cache": {"folder": folder}, "zone": "Europe/Zurich"}
    return ProposalsSettings.model_validate(document)


@pytest.mark.parametrize("name", OWN)
def test_each_of_ours_is_a_source_with_its_own_section(name: str) -> None:
    source = proposal_sources()[name].load()
    assert isinstance(source, ProposalSource)
    annotation = ProposalsSettings.model_fields[name].annotation
    assert annotation == source.settings | None


def test_a_source_of_another_package_is_opened_with_its_options(folder: Path) -> None:
    install(folder, "nobody_office", GROUP, "nobody = nobody_office:SOURCE", SOURCE)
    office = open_proposals(settings(folder, "nobody", address="here"))
    assert office.find("20260001") is None
    assert office.ids_at("b303a") == ("b303a", "Europe/Zurich")


def test_wrong_options_are_told_with_their_name(folder: Path) -> None:
    install(folder, "strict_office", GROUP, "strict = strict_office:SOURCE", SOURCE)
    with pytest.raises(
        SettingsError, match=r"proposals\.options of the source 'strict'.*unknown key 'adress'"
    ):
        open_proposals(settings(folder, "strict", address="here", adress="there"))


def test_a_source_that_nobody_brings_is_refused_with_those_that_are_there(folder: Path) -> None:
    (folder / "sdm.yaml").write_text("proposals: {source: icat}\n")
    with pytest.raises(
        SettingsError, match=r"source is 'icat', which is none here; write one of file, duo, scicat"
    ):
        load_settings(folder / "sdm.yaml")


def test_two_of_one_name_are_a_wrong_setting(folder: Path) -> None:
    install(folder, "second_duo", GROUP, "duo = second_duo:SOURCE", SOURCE)
    with pytest.raises(ValidationError, match="'duo' is both"):
        settings(folder, "other")


@pytest.mark.parametrize("code", ["import nothing_of_that_name", "SOURCE = 1"])
def test_a_source_that_cannot_be_used_is_told(folder: Path, code: str) -> None:
    name = f"bad_office_{len(code)}"
    install(folder, name, GROUP, f"bad = {name}:SOURCE", code)
    with pytest.raises(
        OfficeUnavailable, match=r"'bad' of bad_office.*(install what it needs|no ProposalSource)"
    ):
        open_proposals(settings(folder, "bad"))
