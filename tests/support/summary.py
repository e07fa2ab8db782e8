"""Say at the end of `make test` what was run: one line a suite, from pytest's own reports."""

import sys
from pathlib import Path
from xml.etree import ElementTree


def line(report: Path) -> tuple[str, int, int]:
    """Return the line of one report, and how many of its tests passed and failed."""
    suite = ElementTree.parse(report).getroot().find("testsuite")
    assert suite is not None, f"{report} holds no test suite"
    total, skipped = int(suite.attrib["tests"]), int(suite.attrib["skipped"])
    failed = int(suite.attrib["failures"]) + int(suite.attrib["errors"])
    seconds = float(suite.attrib["time"])
    passed = total - failed - skipped
    return (
        f"{report.stem}: {passed} passed, {failed} failed, {skipped} skipped in {seconds:.0f} s",
        passed,
        failed,
    )


def main() -> None:
    """Print the summary of all reports in the folder given."""
    lines = [line(report) for report in sorted(Path(sys.argv[1]).glob("*.xml"), reverse=True)]
    print("\ntest: lint, types and import rules are clean")
    for text, _, _ in lines:
        print(f"test: {text}")
    print(f"{sum(one[1] for one in lines)} passed, {sum(one[2] for one in lines)} failed")


if __name__ == "__main__":
    main()
