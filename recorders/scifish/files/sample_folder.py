"""The sample that a file belongs to, the one rule for all who tell it."""

from collections.abc import Iterable
from pathlib import PurePath


def sample_of(file: PurePath, raw: PurePath, samples: Iterable[str]) -> str | None:
    """Return the sample of a file below a visit's `raw`; None: it is directly in `raw`.

    `samples` are those that PathFixer told of this visit, such as `wafer/spot 2`: of those whose folder holds
    the file the longest counts. Else it is the first folder below `raw`: programs make folders of their own
    inside a sample's, which are no samples. Raises ValueError for a file that is not below `raw`.
    """
    folders = file.relative_to(raw).parts[:-1]
    told = (one.split("/") for one in samples if one)
    holding = [parts for parts in told if tuple(parts) == folders[: len(parts)]]
    longest = max(holding, key=len, default=list(folders[:1]))
    return "/".join(longest) or None
