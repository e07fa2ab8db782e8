"""A SciDog configuration: the document that says what is recorded with every scan."""

import json
from collections.abc import Sequence
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Field, ValidationError

from scifish.common.text_forms import form
from scifish.common.yaml_model import StrictModel
from scifish.contract.attribute_name import checked_name
from scifish.contract.scan_rules.scan_rule import ScanRule
from scifish.contract.value_mapping import checked_mapping

NAME_PATTERN = form(
    r"^[A-Za-z0-9][A-Za-z0-9 _.-]{0,62}$",
    "1 to 63 letters, digits, blanks, _, . and -, a letter or digit first, such as beamline",
)
When = Literal["begin", "end", "both"]
Layer = Literal["facility", "beamline", "active"]
MOST_RULES = 100


def _ordered(limits: Sequence[float | None]) -> Any:
    low, high = limits
    if low is not None and high is not None and low > high:
        raise ValueError("the lowest value is above the highest; write the lowest first")
    return limits


def _some(rules: tuple[ScanRule, ...]) -> tuple[ScanRule, ...]:
    if len(rules) > MOST_RULES:
        raise ValueError(f"there are {len(rules)} rules, and {MOST_RULES} is the most; put patterns together")
    return rules


class Source(StrictModel):
    """Where an item of the active document comes from; SciDog writes it when there are layers or rules."""

    layer: Layer
    configuration: str
    revision: int

    def __str__(self) -> str:
        return f"{self.layer}: {self.configuration}@{self.revision}"


class Item(StrictModel):
    """One attribute to record: where it is read, and where and how it stands in the metadata."""

    attribute: Annotated[str, AfterValidator(checked_name)] = Field(
        description="full Tango name, domain/family/member/attribute, or a name of Sardana, such as mot01"
    )
    group: str | None = Field(default=None, description="the metadata group; none: the top level")
    name: str | None = Field(default=None, description="the item's name; none: the attribute's label or name")
    unit: str | None = Field(default=None, description="replaces the unit of the attribute's configuration")
    when: When = Field(default="begin", description="read at the scan's begin, at its end, or both")
    mapping: Annotated[dict[str, str], BeforeValidator(checked_mapping)] = Field(
        default_factory=dict,
        description="a value, or a range of values such as 0..10 -> the word that is recorded",
    )
    mandatory: bool = Field(default=False, description="missing it is reported as a problem of the scan")
    range: Annotated[tuple[float | None, float | None], AfterValidator(_ordered)] | None = Field(
        default=None, description="lowest and highest value that is expected; null: no limit on that side"
    )
    tag: str | None = Field(
        default=None, description="what it is, as a NeXus path, such as entry/instrument/monochromator/energy"
    )
    source: Source | None = Field(
        default=None, description="layer, configuration and revision it comes from; given by SciDog"
    )


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
    rules: Annotated[tuple[ScanRule, ...], AfterValidator(_some)] = Field(
        default=(), description="which configuration a scan records; the first that fits, none: this one"
    )


class PublishedConfiguration(Configuration):
    """What SciDog publishes: with the configurations that the rules use, so that nobody is asked again.

    A candidate has the items that it adds to those of the layers of defaults, which stand in `items`.
    """

    candidates: dict[str, Configuration] = Field(
        default_factory=dict, description="`use` of a rule -> that configuration, given by SciDog"
    )


def read_published(text: str) -> PublishedConfiguration:
    """Read what SciDog publishes; members that a newer SciDog added are left out. Raises ValidationError."""
    try:
        return PublishedConfiguration.model_validate_json(text)
    except ValidationError as error:
        unknown = [one["loc"] for one in error.errors() if one["type"] == "extra_forbidden"]
        if not unknown:
            raise
    data = json.loads(text)
    for *folders, name in unknown:
        place = data
        for part in folders:
            place = place[part]
        del place[name]
    return PublishedConfiguration.model_validate(data)
