"""All checks, one after the other."""

from collections.abc import Callable, Iterator
from itertools import chain
from pathlib import Path

from scizoo.check.delivery import scicow_findings, scifish_findings
from scizoo.check.devices import tango_findings
from scizoo.check.finding import Finding


def findings(host: str | None, scicow: str, scicow_config: Path | None) -> Iterator[Finding]:
    """Check the chain from the Tango database to SciCat."""
    return chain(tango_findings(host), scifish_findings(), scicow_findings(scicow, scicow_config))


def check(found: Iterator[Finding], say: Callable[[str], None]) -> int:
    """Print each finding as it comes, and a last line; return how many are wrong."""
    wrong = 0
    for finding in found:
        wrong += finding.verdict == "FAIL"
        say(finding.line())
    say("check: all is well" if not wrong else f"check: {wrong} wrong; what to do stands beside each FAIL")
    return wrong
