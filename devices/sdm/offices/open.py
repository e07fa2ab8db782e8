"""Settings in, proposals out: the source that was chosen, behind the disk cache."""

import hashlib
import os
from pathlib import Path
from zoneinfo import ZoneInfo

from pydantic import BaseModel

from scifish.common.plugins import load
from scifish.common.yaml_model import parse
from scifish.errors import PluginError
from sdm.errors import OfficeUnavailable
from sdm.offices.cache_store import CacheStore
from sdm.offices.cached import CachedProposals
from sdm.offices.protocol import ProposalSource
from sdm.settings import ProposalsSettings
from sdm.sources import OWN, proposal_sources

NOT_KEPT = {"fresh": 0.0, "retry": 0.0, "unknown": 0.0}  # kept only for when the source cannot be read


def open_proposals(settings: ProposalsSettings) -> CachedProposals:
    """Return the proposals that the settings name; nothing is read or connected before the first lookup."""
    source = _source(settings.source)
    section = _section(settings, source)
    folder = settings.cache.folder or _default_folder()
    mark = hashlib.sha256(source.address(section).encode()).hexdigest()[:12]
    store = CacheStore(folder / f"{settings.source}-{mark}")
    proposals = source.open(section, ZoneInfo(settings.zone))
    return CachedProposals(
        proposals, store, settings.cache.model_copy(update=NOT_KEPT if source.free else {})
    )


def _source(name: str) -> ProposalSource:
    try:
        return load(proposal_sources()[name], ProposalSource)
    except PluginError as error:
        cause = error.__cause__
        if name in OWN and isinstance(cause, ModuleNotFoundError) and not str(cause.name).startswith("sdm"):
            text = f"{cause.name} is not installed; install it with: pip install 'scizoo[office]'"
            raise OfficeUnavailable(text) from cause
        raise OfficeUnavailable(str(error)) from error


def _section(settings: ProposalsSettings, source: ProposalSource) -> BaseModel:
    """Return the settings of the source: its section, or for one of another package the options."""
    if settings.source in OWN:
        section: BaseModel = getattr(settings, settings.source)
        return section
    return parse(source.settings, settings.options, f"proposals.options of the source {settings.source!r}")


def _default_folder() -> Path:
    base = os.environ.get("XDG_CACHE_HOME") or "~/.cache"
    return Path(base).expanduser() / "scizoo" / "proposals"
