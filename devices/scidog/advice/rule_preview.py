"""What a preview tells of rules: what each uses, which one chooses, what is wrong with them."""

from collections.abc import Sequence

from scidog.model.candidates import Candidates, likely_mistakes
from scidog.model.previews import Preview, PreviewRule, RuleProblem
from scifish.beamline.choice import Choice
from scifish.contract.configuration import Configuration


def with_rules(
    found: Preview,
    document: Configuration,
    candidates: Candidates,
    chosen: Choice | None,
    wrong: Sequence[RuleProblem],
) -> Preview:
    """Return the preview of what was chosen with the rules of `document`, which were asked."""
    if chosen is None:
        return found
    rules = tuple(
        PreviewRule(
            number=number,
            condition=rule.condition(),
            use=rule.use,
            revision=one.revision if one else None,
            items=len(one.items) if one else 0,
            chosen=number == chosen.report.rule,
        )
        for number, rule in enumerate(document.rules, 1)
        for one in (document if rule.use == document.name else candidates.get(rule.use),)
    )
    problems = (*wrong, *likely_mistakes(document, candidates))
    return found.model_copy(update={"why": chosen.rule, "rules": rules, "rule_problems": problems})
