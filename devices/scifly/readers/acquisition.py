"""What SciFly knows of one acquisition, whatever program wrote its file."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any


@dataclass(frozen=True)
class Acquisition:
    """One complete acquisition; times are naive: of the clock of the host that wrote the file.

    `metadata` is group -> name -> leaf; a leaf is a value or ``{"value", "unit"}``.
    """

    data_format: str
    title: str
    metadata: dict[str, dict[str, Any]]
    first_time: datetime | None = None
    last_time: datetime | None = None
    sample: str | None = None
    user: str | None = None
    detectors: tuple[str, ...] = ()
    problems: tuple[str, ...] = field(default=())
