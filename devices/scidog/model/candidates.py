"""The configurations that rules use, published with the document; and what is wrong with rules. Pure."""

import fnmatch
import re
from collections.abc import Iterator, Mapping, Sequence

from scidog.model.layers import Below, composed
from scidog.model.previews import RuleProblem
from scidog.model.reference import Reference
from scidog.model.revision import MOST_BYTES, MOST_ITEMS
from scifish.common.text_forms import counted
from scifish.contract.configuration import Configuration, PublishedConfiguration
from scifish.contract.scan_rules.scan_rule import ScanRule

Candidates = Mapping[str, Configuration]
"""`use` of a rule -> that configuration, as it was saved."""
_OTHER = "\x01"  # stands for any character that no pattern names


def uses(document: Configuration) -> dict[str, int]:
    """Return what the rules use beside the document itself, with the number of the first such rule."""
    found: dict[str, int] = {}
    for number, rule in enumerate(document.rules, 1):
        if rule.use != document.name:
            found.setdefault(rule.use, number)
    return found


def fitting(
    document: Configuration, candidates: Candidates
) -> tuple[dict[str, Configuration], tuple[RuleProblem, ...]]:
    """Return the candidates that may be published with a document, and the others as problems.

    All together have the items and the bytes that one configuration may have.
    """
    if not candidates:
        return {}, ()
    items, size = len(document.items), len(document.model_dump_json())
    kept: dict[str, Configuration] = {}
    problems: list[RuleProblem] = []
    for use, number in uses(document).items():
        candidate = candidates.get(use)
        if candidate is None:
            continue
        more_items, more_bytes = len(candidate.items), len(candidate.model_dump_json())
        if items + more_items > MOST_ITEMS or size + more_bytes > MOST_BYTES:
            text = (
                f"{use} with {document.name} and what its rules use before has "
                f"{counted(items + more_items, 'item')} and {counted(size + more_bytes, 'byte')}, and "
                f"{MOST_ITEMS} and {MOST_BYTES} are the most; make it smaller, till then its scans record "
                f"what {document.name} has"
            )
            problems.append(RuleProblem(rule=number, use=use, kind="too large", text=text))
            continue
        kept[use] = candidate
        items, size = items + more_items, size + more_bytes
    return kept, tuple(problems)


def with_candidates(document: Configuration, candidates: Candidates, below: Below) -> PublishedConfiguration:
    """Return what is published: the candidates have what they add to the layers of defaults."""
    found: dict[str, Configuration] = {}
    for use, candidate in candidates.items():
        whole, _ = composed(candidate, below, named=True)
        if whole is not None:
            own = tuple(one for one in whole.items if one.source and one.source.layer == "active")
            found[use] = whole.model_copy(update={"items": own, "rules": ()})
    members = {name: getattr(document, name) for name in Configuration.model_fields}
    return PublishedConfiguration.model_validate({**members, "candidates": found})


def likely_mistakes(document: Configuration, candidates: Candidates) -> Iterator[RuleProblem]:
    """Yield rules that never choose, and rules of candidates, which are not followed."""
    yield from shadowed(document.rules)
    for use, number in uses(document).items():
        candidate = candidates.get(use)
        if candidate is None or not candidate.rules:
            continue
        name = f"{candidate.name}@{candidate.revision}"
        back = any(Reference.parse(one.use).name == document.name for one in candidate.rules)
        if back:
            text = (
                f"{name} has rules that lead back to {document.name}; none of them is followed, remove them"
            )
        else:
            text = f"{name} has rules of its own, which are not followed; write them into {document.name}"
        yield RuleProblem(rule=number, use=use, kind="cycle" if back else "rules not followed", text=text)


def shadowed(rules: Sequence[ScanRule]) -> Iterator[RuleProblem]:
    """Yield the rules that can never choose: an earlier one is for all of their scans."""
    for number, rule in enumerate(rules, 1):
        earlier = next(
            (other for other, one in enumerate(rules[: number - 1], 1) if _covers(one, rule)), None
        )
        if earlier is not None:
            text = (
                f"({rule.condition()}) never chooses: rule {earlier} ({rules[earlier - 1].condition()}) is "
                "for all of its scans; put it before that, or remove it"
            )
            yield RuleProblem(rule=number, use=rule.use, kind="never chooses", text=text)


def _covers(one: ScanRule, other: ScanRule) -> bool:
    """Tell whether all scans of the other rule are of the one, too."""
    wanted = other.patterns()
    return all(name in wanted and _wider(text, wanted[name]) for name, text in one.patterns().items())


def _wider(one: str, other: str) -> bool:
    """Tell whether all that fits the other pattern fits the one; False where that is not sure.

    Each `*` of the other stands for texts of several lengths that the one can only take for `*` or `?`.
    """
    one, other = one.lower(), other.lower()
    if one in (other, "*"):
        return True
    if "[" in other:
        return False
    texts = (other.replace("?", _OTHER).replace("*", _OTHER * length) for length in range(len(one) + 2))
    return not re.search(r"\[!", one) and all(fnmatch.fnmatchcase(text, one) for text in texts)
