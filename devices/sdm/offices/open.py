"""Settings in, proposals out: the source that was chosen, behind the disk cache."""

import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from zoneinfo import ZoneInfo

from sdm.errors import OfficeUnavailable
from sdm.offices.cache_store import CacheStore
from sdm.offices.cached import CachedProposals
from sdm.offices.file import FileProposals
from sdm.offices.protocol import Proposals
from sdm.settings import CacheSettings, ProposalsSettings


def open_proposals(settings: ProposalsSettings) -> CachedProposals:
    """Return the proposals that the settings name; nothing is read or connected before the first lookup."""
    source, where = _source(settings)
    folder = settings.cache.folder or _default_folder()
    mark = hashlib.sha256(where.encode()).hexdigest()[:12]
    store = CacheStore(folder / f"{settings.source}-{mark}")
    return CachedProposals(source, store, _cache_settings(settings))


def _source(settings: ProposalsSettings) -> tuple[Proposals, str]:
    """Return the source and its address, which keeps the caches of two offices apart."""
    zone = ZoneInfo(settings.zone)
    if settings.duo is not None and settings.source == "duo":
        with _named_extra():
            from sdm.offices.duo import DuoProposals
        return DuoProposals(settings.duo, zone), settings.duo.url
    if settings.scicat is not None and settings.source == "scicat":
        with _named_extra():
            from sdm.offices.scicat import ScicatProposals
        return ScicatProposals(settings.scicat, zone), settings.scicat.url
    assert settings.file is not None  # noqa: S101 - the settings' validator made sure
    return FileProposals(settings.file.path, zone), str(settings.file.path)


@contextmanager
def _named_extra() -> Iterator[None]:
    """Say what to install: an ImportError would look as if sdm itself were not there."""
    try:
        yield
    except ModuleNotFoundError as error:
        if error.name is None or error.name.startswith("sdm"):
            raise
        raise OfficeUnavailable(
            f"{error.name} is not installed; install it with: pip install 'scizoo[office]'"
        ) from error


def _cache_settings(settings: ProposalsSettings) -> CacheSettings:
    """A file costs nothing to ask: it is always asked, and kept only for when it cannot be read."""
    if settings.source == "file":
        return settings.cache.model_copy(update={"fresh": 0.0, "retry": 0.0, "unknown": 0.0})
    return settings.cache


def _default_folder() -> Path:
    base = os.environ.get("XDG_CACHE_HOME") or "~/.cache"
    return Path(base).expanduser() / "scizoo" / "proposals"
