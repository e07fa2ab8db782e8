"""A SciDog configuration: the document that says what is recorded with every scan."""

from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from scifish.common.text_forms import form
from scifish.common.yaml_model import StrictModel
from scifish.contract.attribute_name import checked_name

NAME_PATTERN = form(
    r"^[A-Za-z0-9][A-Za-z0-9 _.-]{0,62}$",
    "1 to 63 letters, digits, blanks, _, . and -, a letter or digit first, such as beamline",
)
When = Literal["begin", "end", "both"]


class Item(StrictModel):
    """One attribute to record: where it is read, and where and how it stands in the metadata."""

    attribute: Annotated[str, AfterValidator(checked_name)] = Field(
        description="full Tango name, domain/family/member/attribute, or a name of Sardana, such as mot01"
    )
    group: str | None = Field(default=None, description="the metadata group; none: the top level")
    name: str | None = Field(default=None, description="the item's name; none: the attribute's label or name")
    unit: str | None = Field(default=None, description="replaces the unit of the attribute's configuration")
    when: When = Field(default="begin", description="read at the scan's begin, at its end, or both")
    mapping: dict[str, str] = Field(
        default_factory=dict, description="text of a value -> text that is recorded"
    )
    mandatory: bool = Field(default=False, description="missing it is reported as a problem of the scan")


class DatasetDefaults(StrictModel):
    """Fields of the dataset that the beamline knows once for all scans."""

    instrument: str | None = None
    dataFormat: str | None = None  # noqa: N815 - SciCat's own name
    keywords: tuple[str, ...] = ()
    techniques: tuple[dict[str, str], ...] = ()
    description: str | None = None


class Configuration(StrictModel):
    """A named configuration; `revision` is given by SciDog's store, 1 for the first."""

    name: str = Field(pattern=NAME_PATTERN)
    revision: int = Field(default=0, ge=0)
    description: str = ""
    budget: float = Field(default=0.3, gt=0, le=10, description="seconds that the snapshot may take")
    items: tuple[Item, ...] = ()
    dataset: DatasetDefaults = DatasetDefaults()
