"""The path scheme: where the data of a visit are. Pure, nothing is created here."""

from pathlib import Path

from sdm.names import check_beamline, check_category, check_proposal, check_sample, check_visit

RAW = "raw"
SHARED = ("process", "macros", "logs", "notebooks", "photos")


def beamline_path(root: Path, category: str, beamline: str) -> Path:
    """Return <root>/<category>/<beamline>. Raises NameRefused."""
    return root / check_category(category) / check_beamline(beamline)


def visit_path(beamline: Path, proposal: str, visit: str) -> Path:
    """Return <beamline's path>/<proposal>/<visit>. Raises NameRefused."""
    return beamline / check_proposal(proposal) / check_visit(visit)


def sample_path(raw: Path, sample: str) -> Path:
    """Return where to write now: raw, or the sample's folder in it. Raises NameRefused."""
    return raw / check_sample(sample) if sample else raw
