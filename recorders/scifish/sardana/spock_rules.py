"""SciDog's rules for spock users: which configuration the next scan here records, and why."""

from collections.abc import Iterator

from scifish.beamline.choice import choice
from scifish.contract.configuration import Configuration
from scifish.contract.scan_rules.scan_rule import ScanFacts, fits
from scifish.runtime import runtime
from scifish.sardana.scan_recording import ORCHESTRATOR
from scifish.scan.client_fields import texts


def facts_here(measurement_group: object) -> ScanFacts:
    """Return what is known of the next scan of this MacroServer; its macro is not."""
    sample = runtime().context(None).current().sample
    return ScanFacts(
        measurement_group=texts(measurement_group), orchestrator=(ORCHESTRATOR,), sample=texts(sample)
    )


def rule_lines(document: Configuration, facts: ScanFacts) -> Iterator[str]:
    """Yield the rules, what a scan with these facts records, and which macros would record something else."""
    found = choice(document, facts)
    if found is None:
        return
    yield f"rules of {found.report.rules_of}; the first that fits a scan chooses for it:"
    for number, rule in enumerate(document.rules, 1):
        yield f"  {number}. {rule}"
    yield f"the next scan ({facts}) records {_with_revision(found.configuration)}: {found.rule}"
    before = document.rules[: found.report.rule - 1] if found.report.rule else document.rules
    for rule in before:
        any_macro = rule.model_copy(update={"macro": None})
        other = choice(document.model_copy(update={"rules": (any_macro,)}), facts)
        if rule.macro is not None and fits(any_macro, facts) and other is not None:
            yield f"  with a macro {rule.macro}: {_with_revision(other.configuration)}"


def _with_revision(configuration: Configuration) -> str:
    return f"{configuration.name} revision {configuration.revision}"
