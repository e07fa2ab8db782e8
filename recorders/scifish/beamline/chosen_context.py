"""The context of one scan: with what SciDog's rules choose for it, by what is known when it starts."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from scifish.beamline.choice import choice
from scifish.contract.message import ConfigurationReference
from scifish.contract.scan_rules.scan_rule import ReportedChoice, ScanFacts
from scifish.fields import DatasetFields, EnvironmentFields
from scifish.ports import ScanContext
from scifish.scan.client_fields import filled, texts

Report = Callable[[ReportedChoice], None]


@dataclass
class ContextChoice:
    """Chooses for one scan; `report` hears of each choice that is another than the one before.

    `proposal` is the client's own: PathFixer's sample is of PathFixer's proposal alone.
    """

    facts: ScanFacts
    proposal: str | None
    report: Report
    _told: ReportedChoice | None = None

    def __call__(self, context: ScanContext) -> ScanContext:
        """Return the context with what the rules choose; without rules it stays as it is."""
        if context.configuration is None:
            return context
        found = choice(context.configuration, self._facts(context))
        if found is None:
            return context
        if found.report != self._told:
            self._told = found.report
            self.report(found.report)
        reference = ConfigurationReference(
            name=found.configuration.name,
            revision=found.configuration.revision,
            reason=context.configuration_reference.reason or found.problem,
            rule=found.rule,
        )
        problems = (*context.problems, found.problem) if found.problem else context.problems
        return replace(
            context,
            configuration=found.configuration,
            configuration_reference=reference,
            problems=problems,
        )

    def _facts(self, context: ScanContext) -> ScanFacts:
        is_another = self.proposal not in (None, context.proposal.id)
        if self.facts.sample or context.sample is None or is_another:
            return self.facts
        return self.facts.model_copy(update={"sample": (context.sample,)})


def facts_of(dataset: DatasetFields, environment: EnvironmentFields, orchestrator: str | None) -> ScanFacts:
    """Return what a client has said of its scan; without a macro, the first word of the title is one."""
    values, around = dataset.values(), environment.values()
    title = (filled(around.get("title")) or "").split()
    return ScanFacts(
        measurement_group=texts(around.get("measurementGroup")),
        macro=texts(around.get("macro")) or tuple(title[:1]),
        orchestrator=texts(orchestrator),
        file_type=(*texts(around.get("fileType")), *texts(values.get("dataFormat"))),
        sample=texts(values.get("sampleId")),
    )


def choice_for(
    dataset: DatasetFields, environment: EnvironmentFields, orchestrator: str | None, report: Report
) -> ContextChoice:
    """Return what chooses for the scan that a client has described."""
    proposal: Any = dataset.values().get("proposalId")
    return ContextChoice(facts_of(dataset, environment, orchestrator), filled(proposal), report)
