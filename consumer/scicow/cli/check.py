"""The tests of `scicow check`: for each part what is wrong and what to do."""

from collections.abc import Callable, Iterator

from scicow.backend.permissions import check_rights, link_rights, missing_rights
from scicow.backend.traits import traits_of
from scicow.errors import CatalogueUnavailable, NotAllowed, ScicowError
from scicow.metrics import Metrics
from scicow.scicat.client import ScicatClient
from scicow.settings.model import SciCowSettings
from scicow.transport import open_transport
from scifish.common.text_forms import counted
from scifish.errors import SciFishError
from sdm import open_proposals
from sdm.errors import OfficeUnavailable, SdmError

Result = tuple[str, str | None, str]
"""A part, its problem (None: it is well), and what was found."""


def checks(settings: SciCowSettings) -> Iterator[Result]:
    """Test one part after the other; the settings were read, so they are right."""
    yield "settings", None, f"source {settings.source}, SciCat {settings.scicat.url}"
    yield _tried(settings.source, lambda: _source(settings))
    yield from _catalogue(settings)
    yield _tried("office", lambda: _office(settings))


def _catalogue(settings: SciCowSettings) -> Iterator[Result]:
    """Test the account's rights in SciCat; when the log-in fails, only that is reported."""
    logged_in = _tried("scicat", lambda: _log_in(settings))
    yield logged_in
    if logged_in[1] is not None:
        for part in ("rights", "links", "traits"):
            yield part, "not found out, for the log-in failed (see above)", ""
        return
    yield _tried("rights", lambda: _rights(settings))
    yield _tried("links", lambda: _links(settings))
    yield from _traits(settings)


def _tried(part: str, test: Callable[[], str]) -> Result:
    try:
        return part, None, test()
    except (ScicowError, SciFishError, SdmError) as error:
        return part, str(error), ""


def _source(settings: SciCowSettings) -> str:
    transport = open_transport(settings, Metrics())
    try:
        transport.prepare()
        topics = sorted(transport.topics().values())
        count = sum(1 for kind in ("dead", "quarantine") for _ in transport.store(kind).dead_letters())
    finally:
        transport.close()
    waiting = counted(count, "message waits", "messages wait")
    return f"topics {', '.join(topics) or 'none yet'}; {waiting} for a person"


def _log_in(settings: SciCowSettings) -> str:
    with ScicatClient(settings.scicat) as scicat:
        try:
            name = scicat.session.whoami()
        except CatalogueUnavailable as error:
            remedy = "start SciCat or see its log, or correct scicat.url"
            raise ScicowError(f"{settings.scicat.url}: {error}; {remedy}") from error
    return f"{settings.scicat.url} answers, SciCow is {name!r} there"


def _rights(settings: SciCowSettings) -> str:
    with ScicatClient(settings.scicat) as scicat:
        rights = check_rights(scicat, settings.ingest)
    missing = missing_rights(rights)
    if missing:
        raise ScicowError("; ".join(right.advice for right in missing))
    lacking = [right.name for right in rights if not right.ok]
    return "create, read back, patch" + (f"; not {', '.join(lacking)} (optional)" if lacking else "")


def _links(settings: SciCowSettings) -> str:
    with ScicatClient(settings.scicat) as scicat:
        rights = link_rights(scicat, settings.ingest)
    if missing := missing_rights(rights):
        raise ScicowError("; ".join(right.advice for right in missing))
    told = f"may make {', '.join(right.name for right in rights if right.ok) or 'nothing'}"
    return "; ".join([told, *(right.advice for right in rights if not right.ok)])


def _traits(settings: SciCowSettings) -> Iterator[Result]:
    """Return each trait of this SciCat, and what follows from it."""
    try:
        with ScicatClient(settings.scicat) as scicat:
            found = traits_of(scicat, settings.ingest)
    except NotAllowed:
        yield "traits", "not found out, for a right is missing (see above)", ""
        return
    except (ScicowError, SdmError) as error:
        yield "traits", str(error), ""
        return
    for one in found:
        told = f"{'yes' if one.there else 'no'}: {one.follows}"
        yield f"trait {one.name}", told if one.wrong else None, told


def _office(settings: SciCowSettings) -> str:
    found = open_proposals(settings.proposals).lookup("0")
    if found.stale:
        raise OfficeUnavailable(f"the user office does not answer: {found.note}")
    return f"source {settings.proposals.source} answers"
