"""The operators' page knows every setting and every fault of the simulator."""

from pathlib import Path
from typing import get_args

import pytest

from sdm import SdmSettings, errors
from sdm.offices.file import ProposalEntry, VisitEntry
from sdm.testing.fault import FaultKind
from support.settingnames import leaves

PAGE = (Path(__file__).parents[3] / "docs/operators/sdm.md").read_text(encoding="utf-8")
ERRORS = [name for name, one in vars(errors).items() if isinstance(one, type) and name != "SdmError"]


@pytest.mark.parametrize("name", sorted({name for name, _ in leaves(SdmSettings)}))
def test_every_setting_is_in_the_page(name: str) -> None:
    assert f"| `{name}` |" in PAGE


@pytest.mark.parametrize("name", sorted({*ProposalEntry.model_fields, *VisitEntry.model_fields}))
def test_every_key_of_a_proposal_is_in_the_page(name: str) -> None:
    assert f"| `{name}` |" in PAGE


@pytest.mark.parametrize("name", [*ERRORS, *get_args(FaultKind)])
def test_every_error_and_fault_is_in_the_page(name: str) -> None:
    assert f"| `{name}` |" in PAGE
