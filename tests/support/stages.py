"""`make test`: run every stage, also after one that failed, and say at the end how each of them ended.

stages.py RESULTS STAGE...    each stage is a target of make; one that runs pytest leaves RESULTS/STAGE.xml
"""

import subprocess
import sys
import time
from pathlib import Path
from xml.etree import ElementTree


def counts(report: Path) -> tuple[int, int, int]:
    """Return how many tests of pytest's report passed, failed and were skipped."""
    suites = ElementTree.parse(report).getroot().findall("testsuite")  # Vitest's has one for each file
    assert suites, f"{report} holds no test suite"

    def sum_of(*names: str) -> int:
        return sum(int(suite.attrib[name]) for suite in suites for name in names)

    total, skipped, failed = sum_of("tests"), sum_of("skipped"), sum_of("failures", "errors")
    return total - failed - skipped, failed, skipped


def run(stage: str, report: Path) -> tuple[bool, int, int, str]:
    """Run a stage; return whether it succeeded, its tests that passed and failed, and its line."""
    report.unlink(missing_ok=True)
    began = time.monotonic()
    code = subprocess.run(["make", "--no-print-directory", stage]).returncode
    seconds = f"{time.monotonic() - began:.0f} s"
    told = f"{stage}: {'ok' if code == 0 else 'FAILED'}"
    passed = failed = 0
    if report.exists():
        passed, failed, skipped = counts(report)
        told = f"{told}: {passed} passed, {failed} failed, {skipped} skipped"
    return code == 0, passed, failed, f"{told} in {seconds}"


def main() -> int:
    """Run the stages named; return the exit code."""
    results, stages = Path(sys.argv[1]), sys.argv[2:]
    ended = [run(stage, results / f"{stage}.xml") for stage in stages]
    print()
    for _, _, _, line in ended:
        print(f"test: {line}")
    print(f"{sum(one[1] for one in ended)} passed, {sum(one[2] for one in ended)} failed")
    return 0 if all(one[0] for one in ended) else 1


if __name__ == "__main__":
    try:
        code = main()
    except KeyboardInterrupt:
        code = 130
    sys.exit(code)
