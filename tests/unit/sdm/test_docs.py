"""The operators' page knows every setting and every fault of the simulator."""

from collections.abc import Iterator
from pathlib import Path
from typing import get_args

import pytest
from pydantic import BaseModel

from sdm import SdmSettings, errors
from sdm.fault import FaultKind
from sdm.filesource import ProposalEntry, VisitEntry

PAGE = (Path(__file__).parents[3] / "docs/operators/sdm.md").read_text(encoding="utf-8")
ERRORS = [name for name, one in vars(errors).items() if isinstance(one, type) and name != "SdmError"]


def leaves(model: type[BaseModel], above: str = "") -> Iterator[str]:
    """The names of all settings, as they are written: section.key."""
    for name, field in model.model_fields.items():
        key = f"{above}{field.alias or name}"
        inner = [one for one in (field.annotation, *get_args(field.annotation)) if _is_model(one)]
        if inner:
            yield from leaves(inner[0], f"{key}.")
        else:
            yield key


def _is_model(kind: object) -> bool:
    return isinstance(kind, type) and issubclass(kind, BaseModel)


@pytest.mark.parametrize("name", sorted(set(leaves(SdmSettings))))
def test_every_setting_is_in_the_page(name: str) -> None:
    assert f"| `{name}` |" in PAGE


@pytest.mark.parametrize("name", sorted({*ProposalEntry.model_fields, *VisitEntry.model_fields}))
def test_every_key_of_a_proposal_is_in_the_page(name: str) -> None:
    assert f"| `{name}` |" in PAGE


@pytest.mark.parametrize("name", [*ERRORS, *get_args(FaultKind)])
def test_every_error_and_fault_is_in_the_page(name: str) -> None:
    assert f"| `{name}` |" in PAGE
