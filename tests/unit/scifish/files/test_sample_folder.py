"""The sample of a file: what PathFixer told, else the first folder."""

from pathlib import Path

import pytest

from scifish.files.sample_folder import sample_of

RAW = Path("/data/visitors/demo/20260001/2026030108/raw")


@pytest.mark.parametrize(
    ("file", "samples", "sample"),
    [
        ("x.h5", ["wafer"], None),
        ("wafer/x.h5", ["wafer"], "wafer"),
        ("wafer/run1/x.h5", ["wafer"], "wafer"),
        ("wafer/spot 2/x.h5", ["wafer/spot 2"], "wafer/spot 2"),
        ("wafer/spot 2/run1/x.h5", ["wafer", "wafer/spot 2"], "wafer/spot 2"),
        ("wafer/x.h5", ["wafer", "wafer/spot 2"], "wafer"),
        ("wafer/spot 22/x.h5", ["wafer/spot 2"], "wafer"),
        ("other/run1/x.h5", ["wafer", ""], "other"),
        ("other/run1/x.h5", [], "other"),
    ],
)
def test_the_longest_told_sample_that_holds_the_file(
    file: str, samples: list[str], sample: str | None
) -> None:
    assert sample_of(RAW / file, RAW, samples) == sample


def test_a_file_elsewhere_has_none() -> None:
    with pytest.raises(ValueError, match="subpath"):
        sample_of(Path("/data/x.h5"), RAW, [])
