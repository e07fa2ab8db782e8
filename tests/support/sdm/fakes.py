"""A source of proposals and a clock that tests move by hand."""

from datetime import datetime, timedelta, timezone

from sdm import OfficeUnavailable, Proposal


class Office:
    """A source whose proposals and failure are set by the test; `asked` lists what was asked."""

    def __init__(self) -> None:
        self.proposals = {"20260001": Proposal(id="20260001", title="first")}
        self.failure: OfficeUnavailable | None = None
        self.asked: list[str] = []

    def find(self, proposal_id: str) -> Proposal | None:
        self.asked.append(proposal_id)
        if self.failure:
            raise self.failure
        return self.proposals.get(proposal_id)

    def ids_at(self, beamline: str) -> tuple[str, ...]:
        if self.failure:
            raise self.failure
        return tuple(one.id for one in self.proposals.values() if one.is_at(beamline))


class Clock:
    """A wall clock and a monotonic one; `pass_` moves both, `jump` sets the wall clock only."""

    def __init__(self) -> None:
        self.wall = datetime(2026, 3, 3, 12, tzinfo=timezone.utc)
        self.steady = 1000.0

    def now(self) -> datetime:
        return self.wall

    def monotonic(self) -> float:
        return self.steady

    def pass_(self, seconds: float) -> None:
        self.steady += seconds
        self.jump(seconds)

    def jump(self, seconds: float) -> None:
        self.wall += timedelta(seconds=seconds)
