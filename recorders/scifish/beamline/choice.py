"""What one scan records, of all that SciDog publishes: chosen by the rules, without asking anybody."""

from dataclasses import dataclass

from scifish.contract.configuration import Configuration, PublishedConfiguration
from scifish.contract.scan_rules.scan_rule import ReportedChoice, ScanFacts, first_rule


@dataclass(frozen=True)
class Choice:
    """What is recorded, and why; `report` is what SciDog is told of it."""

    configuration: Configuration
    rule: str
    report: ReportedChoice
    problem: str | None = None


def choice(document: Configuration, facts: ScanFacts) -> Choice | None:
    """Return what the first rule for the scan uses, or the document's own items; None: there are no rules."""
    if not document.rules:
        return None
    own = Configuration.model_validate({name: getattr(document, name) for name in Configuration.model_fields})
    whose = f"{own.name}@{own.revision}"
    number = first_rule(document.rules, facts)
    if number is None:
        report = ReportedChoice(rules_of=whose, chosen=whose, scan=facts)
        return Choice(own, f"no rule of {whose} is for this scan: its own items", report)
    rule = document.rules[number - 1]
    said = f"rule {number} of {whose}: {rule.condition()}"
    candidates = document.candidates if isinstance(document, PublishedConfiguration) else {}
    candidate = own if rule.use == own.name else candidates.get(rule.use)
    found = own if candidate is None else _recorded(own, candidate)
    report = ReportedChoice(rules_of=whose, rule=number, chosen=f"{found.name}@{found.revision}", scan=facts)
    problem = None
    if candidate is None:
        problem = (
            f"rule {number} of {whose} uses {rule.use}, which SciDog does not have; its Status tells why"
        )
    return Choice(found, said, report, problem)


def _recorded(own: Configuration, candidate: Configuration) -> Configuration:
    """Return the candidate over the layers of defaults, which are recorded whatever is chosen."""
    if candidate is own:
        return own
    below = tuple(one for one in own.items if one.source is not None and one.source.layer != "active")
    return candidate.model_copy(update={"items": (*below, *candidate.items), "rules": ()})
