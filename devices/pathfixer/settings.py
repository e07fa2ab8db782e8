"""The device's properties, read as an `PathAuthority` or refused with what to correct."""

from datetime import timedelta
from pathlib import Path
from typing import NamedTuple
from zoneinfo import ZoneInfo

from pathfixer.authority.authority import BeamlinePlace, PathAuthority
from pathfixer.errors import NotThereYet
from scifish.common.yaml_model import parse
from scifish.errors import SettingsError
from scifish.tango_client.text import latin1
from sdm import NameRefused, SdmSettings, StorageSettings, load_settings, open_proposals
from sdm.names import check_beamline
from tangobase.errors import PropertyError


class Properties(NamedTuple):
    """The properties as they are in the Tango database; empty texts are not set."""

    beamline: str
    root: str
    proposals_config: str
    directory_mode: str
    visit_margin: float


def open_authority(properties: Properties) -> PathAuthority:
    """Return the authority that the properties describe. Raises PropertyError, NotThereYet, SdmError."""
    beamline = _beamline(properties.beamline)
    settings = _settings(properties)
    if settings.proposals is None:
        raise NotThereYet(f"{properties.proposals_config}: has no section 'proposals'; add the user office")
    root = settings.storage.root
    if not root.is_dir():
        raise NotThereYet(f"Root {str(root)!r} is no directory; mount it, or correct the property Root")
    if latin1(str(root)) != str(root):
        raise PropertyError(
            f"Root {str(root)!r} has characters that Tango cannot carry; use others, or a link"
        )
    if properties.visit_margin < 0:
        raise PropertyError(f"VisitMargin {properties.visit_margin} is negative; write hours, such as 12")
    place = BeamlinePlace(
        beamline, root, ZoneInfo(settings.proposals.zone), timedelta(hours=properties.visit_margin)
    )
    authority = PathAuthority(place, settings, open_proposals(settings.proposals))
    authority.check_root()
    return authority


def _beamline(name: str) -> str:
    if not name:
        raise PropertyError("the property Beamline is empty; set it to the beamline's name, such as b303a")
    try:
        return check_beamline(name)
    except NameRefused as error:
        raise PropertyError(f"the property Beamline is wrong: {error}") from error


def _settings(properties: Properties) -> SdmSettings:
    if not properties.proposals_config:
        raise PropertyError(
            "the property ProposalsConfig is empty; set it to the path of sdm's settings file (sdm.yaml)"
        )
    try:
        settings = load_settings(Path(properties.proposals_config))
    except SettingsError as error:
        raise NotThereYet(str(error)) from error
    try:
        given = {"root": properties.root, "mode": properties.directory_mode}
        changed = {key: value for key, value in given.items() if value}
        storage = settings.storage.model_dump() | changed
        return settings.model_copy(update={"storage": parse(StorageSettings, storage, "Root, DirectoryMode")})
    except SettingsError as error:
        raise PropertyError(str(error)) from error
