"""The operators' pages know every setting of the catalogue's side, every error and every mark."""

from pathlib import Path

import pytest

from scicow import errors
from scicow.ingest.files import TWICE
from scicow.settings.catalogue import IngestSettings, ScicatSettings
from scicow.work import error_policy as decide
from support.settingnames import leaves

PAGES = Path(__file__).parents[3] / "docs/operators"
CATALOGUE = (PAGES / "scicow-catalogue.md").read_text(encoding="utf-8")
ERRORS = (PAGES / "scicow-errors.md").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    "name", [name for model in (ScicatSettings, IngestSettings) for name, _ in leaves(model)]
)
def test_every_setting_is_in_the_page(name: str) -> None:
    assert f"| `{name}` |" in CATALOGUE


@pytest.mark.parametrize("kind", [row[0].__name__ for row in decide._TABLE])
def test_every_judged_error_is_in_the_failure_table(kind: str) -> None:
    table = ERRORS.replace("sqlite3.Error", "Error")
    assert f"`{kind}`" in table


def test_every_default_is_the_one_in_the_page() -> None:
    for model in (ScicatSettings, IngestSettings):
        for name, field in model.model_fields.items():
            if isinstance(field.default, int | float) and not isinstance(field.default, bool):
                assert f"| `{name}` | {field.default:.12g} |" in CATALOGUE, name


def test_marks_and_the_errors_of_the_seam_are_explained() -> None:
    assert TWICE.partition(" (")[0] in ERRORS
    own = [name for name in vars(errors) if name.startswith(("Catalogue", "Message", "Proposal", "Login"))]
    assert len(own) >= 6
    for name in own:
        assert name == "CatalogueError" or f"`{name}`" in ERRORS, name
