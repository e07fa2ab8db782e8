"""Reads a configuration, or what its rules choose for a scan, and tells what is wrong with it."""

from scidog.advice.preview import preview
from scidog.advice.rule_preview import with_rules
from scidog.errors import EditError, StoreError
from scidog.model.candidates import with_candidates
from scidog.model.document import limited
from scidog.model.previews import Checked, CheckedItem, Preview, PreviewOf
from scidog.rules import Authority
from scifish.beamline.choice import choice
from scifish.contract.configuration import Configuration


def previewed(authority: Authority, request: PreviewOf) -> Preview:
    """Read a configuration as SciFish would, or what its rules choose; without one: what is active."""
    document = _document(authority, request)
    try:
        candidates, wrong = authority.candidates(document)
    except StoreError:  # what is active can be read all the same
        candidates, wrong = authority.published.candidates, ()
    below = () if request.configuration or request.document else authority.published.below
    chosen = choice(with_candidates(document, candidates, below), request.scan)
    found = preview(chosen.configuration if chosen else document, request.seconds)
    return with_rules(found, document, candidates, chosen, wrong)


def _document(authority: Authority, request: PreviewOf) -> Configuration:
    if request.document is not None:
        return limited(request.document, "the document")
    if request.configuration:
        return authority.load(request.configuration)
    recorded = authority.published.recorded
    if recorded is None:
        raise EditError("nothing is recorded: no configuration is active; name one, or activate one")
    return recorded


def checked(authority: Authority, request: PreviewOf) -> Checked:
    """Return only what is wrong."""
    found = previewed(authority, request)
    problems = [
        CheckedItem(item=item.number, attribute=item.attribute, kind=one.kind, text=one.text)
        for item in found.items
        for one in item.problems
    ]
    return Checked(
        configuration=found.configuration,
        revision=found.revision,
        problems=tuple(problems),
        why=found.why,
        rules=found.rule_problems,
    )
