"""A proposal as the user office knows it, typed and frozen, the same from every source."""

from pydantic import AwareDatetime, Field, field_validator, model_validator

from scifish.common.yaml_model import StrictModel
from scifish.contract.message import BEAMLINE_PATTERN, Category
from sdm.category import UNKNOWN, PropType, category_of, type_of
from sdm.names import GROUP_PATTERN, PROPOSAL_PATTERN, VISIT_PATTERN


class Person(StrictModel):
    """Somebody of a proposal's team; `account` is the log-in name."""

    firstname: str = ""
    lastname: str = ""
    email: str = ""
    account: str = ""

    @property
    def name(self) -> str:
        """First and last name, or the account when the office gives no name."""
        return f"{self.firstname} {self.lastname}".strip() or self.account


class Visit(StrictModel):
    """One beamtime of a proposal; `id` (YYYYMMDDHH or YYYYMMDD) names its directory, times are in UTC."""

    id: str = Field(pattern=VISIT_PATTERN)
    beamline: str = Field(pattern=BEAMLINE_PATTERN)
    begin: AwareDatetime
    end: AwareDatetime

    @model_validator(mode="after")
    def _in_order(self) -> "Visit":
        if self.end <= self.begin:
            raise ValueError(f"visit {self.id} ends at {self.end}, not after its begin {self.begin}")
        return self


class Proposal(StrictModel):
    """A proposal: who, what, where, when.

    `category` follows from the other fields if not given. None: `written_type`, the office's own word for the
    type, is not understood, and so nobody can tell whether it is proprietary.
    """

    id: str = Field(pattern=PROPOSAL_PATTERN)
    title: str = ""
    abstract: str = ""
    pi: Person | None = None
    proposer: Person | None = None
    members: tuple[Person, ...] = ()
    group: str | None = Field(default=None, pattern=GROUP_PATTERN)
    beamlines: tuple[str, ...] = ()
    visits: tuple[Visit, ...] = ()
    category: Category | None = "visitors"
    code: str | None = None
    prop_type: PropType | None = None
    written_type: str = ""

    @model_validator(mode="before")
    @classmethod
    def _type_and_category(cls, data: object) -> object:
        if not isinstance(data, dict):
            return data
        written = data.get("prop_type")
        found = type_of(written)
        category = category_of(data.get("code"), data.get("category"), found, data.get("id"))
        own = (data.get("written_type") or written) if found == UNKNOWN else ""
        return {**data, "prop_type": found, "category": category, "written_type": own}

    @field_validator("visits")
    @classmethod
    def _ordered(cls, visits: tuple[Visit, ...]) -> tuple[Visit, ...]:
        return tuple(sorted(visits, key=lambda visit: visit.begin))

    @property
    def people(self) -> tuple[Person, ...]:
        """The principal investigator, the main proposer and the members, nobody twice."""
        everybody = (self.pi, self.proposer, *self.members)
        return tuple(dict.fromkeys(one for one in everybody if one))

    @property
    def main_proposer(self) -> Person | None:
        """Who proposed it; where the office does not name one, the principal investigator."""
        return self.proposer or self.pi or next(iter(self.members), None)

    def is_at(self, beamline: str) -> bool:
        """Tell whether it is for this beamline (in lower case)."""
        return beamline in self.beamlines or any(visit.beamline == beamline for visit in self.visits)

    @property
    def proprietary(self) -> bool:
        """Tell whether its data must never leave the beamline."""
        return self.category == "proprietary"

    @property
    def undecided(self) -> str | None:
        """Return why it is not known whether it is proprietary; None: it is known."""
        if self.category is not None:
            return None
        return (
            f"whether proposal {self.id} is proprietary is not known: the user office calls its type "
            f"{self.written_type!r}; have that corrected, or say in types of sdm's settings what it means"
        )
