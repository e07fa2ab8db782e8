"""What `scicow check` tests, each part with what is wrong and what to do."""

from collections.abc import Callable, Iterator

from scicow.errors import ScicowError
from scicow.metrics import Metrics
from scicow.rights import check_rights, missing_rights
from scicow.scicat import ScicatClient
from scicow.settings import Settings
from scicow.transport import open_transport
from scifish.errors import SciFishError
from sdm import open_proposals
from sdm.errors import OfficeUnavailable, SdmError

Result = tuple[str, str | None, str]
"""A part, its problem (None: it is well), and what there is to tell."""


def checks(settings: Settings) -> Iterator[Result]:
    """Test one part after the other; the settings were read, so they are right."""
    yield "settings", None, f"source {settings.source}, SciCat {settings.scicat.url}"
    yield _tried(settings.source, lambda: _source(settings))
    yield _tried("scicat", lambda: _log_in(settings))
    yield _tried("rights", lambda: _rights(settings))
    yield _tried("office", lambda: _office(settings))


def _tried(part: str, test: Callable[[], str]) -> Result:
    try:
        return part, None, test()
    except (ScicowError, SciFishError, SdmError) as error:
        return part, str(error), ""


def _source(settings: Settings) -> str:
    transport = open_transport(settings, Metrics())
    try:
        transport.prepare()
        topics = sorted(transport.topics().values())
        count = sum(1 for kind in ("dead", "quarantine") for _ in transport.shelf(kind).letters())
    finally:
        transport.close()
    return f"topics {', '.join(topics) or 'none yet'}; {count} letters wait for a person"


def _log_in(settings: Settings) -> str:
    with ScicatClient(settings.scicat) as scicat:
        name = scicat.session.whoami()
    return f"{settings.scicat.url} answers, SciCow is {name!r} there"


def _rights(settings: Settings) -> str:
    with ScicatClient(settings.scicat) as scicat:
        rights = check_rights(scicat, settings.ingest)
    missing = missing_rights(rights)
    if missing:
        raise ScicowError("; ".join(right.advice for right in missing))
    lacking = [right.name for right in rights if not right.ok]
    return "create, read back, patch" + (f"; not {', '.join(lacking)} (optional)" if lacking else "")


def _office(settings: Settings) -> str:
    found = open_proposals(settings.proposals).lookup("0")
    if found.stale:
        raise OfficeUnavailable(f"the user office does not answer: {found.note}")
    return f"source {settings.proposals.source} answers"
