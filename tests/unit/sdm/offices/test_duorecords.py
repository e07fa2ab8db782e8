"""DUO's rows as proposals: the field mapping and what is not as agreed."""

from datetime import datetime, timezone
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from sdm import OfficeGarbled, Person
from sdm.offices.duo_records import DuoRecords
from sdm.settings import DuoSettings

ZONE = ZoneInfo("Europe/Zurich")
URL = "https://duo.example.org/duo/api.php/v1"


def row(**members: Any) -> dict[str, Any]:
    return {
        "proposal": 20260001,
        "title": " Growth ",
        "abstract": None,
        "firstname": "Marco",
        "lastname": "Bianchi",
        "email": "mb@example.org",
        "account": "marbia",
        "pi_firstname": "Astrid",
        "pi_lastname": "Lindqvist",
        "pi_email": "al@example.org",
        "pi_account": "astlin",
        "eaccount": "e20260001",
        "pgroup": "p20260",
        "beamline": "X06SA",
        "schedule": [{"start": "25/10/2026 08:00:00", "end": "25/10/2026 20:00:00"}],
        **members,
    }


@pytest.mark.parametrize(
    ("members", "prop_type", "category"),
    [
        ({"prop_type": "P"}, "P", "proprietary"),
        ({"prop_type": " p "}, "P", "proprietary"),
        ({"prop_type": "Proprietary"}, "P", "proprietary"),
        ({"code": "in", "prop_type": "N"}, "N", "proprietary"),
        ({"category": "Proprietary"}, None, "proprietary"),
        ({"category": "User"}, None, "visitors"),
        ({"prop_type": "L"}, "L", "visitors"),
        ({"prop_type": "?"}, "unknown", None),
        ({"prop_type": "Proprietary research"}, "P", "proprietary"),
        ({"prop_type": "Industry"}, "P", "proprietary"),
        ({"category": "IN"}, None, "proprietary"),
        ({"category": "Industry, contract"}, None, "proprietary"),
        ({"category": "Non-proprietary"}, None, "visitors"),
        ({}, None, "visitors"),
    ],
)
def test_type_and_category(members: dict[str, str], prop_type: str | None, category: str | None) -> None:
    found = records().proposal([row(), row(**members)], None)
    assert (found.prop_type, found.category) == (prop_type, category)


@pytest.mark.parametrize("members", [{"prop_type": "P"}, {"code": "IN"}, {"category": "proprietary"}])
def test_one_row_that_says_proprietary_is_enough(members: dict[str, str]) -> None:
    assert records().proposal([row(**members), row(prop_type="N", code="SP")], None).proprietary


def test_one_row_that_is_not_understood_is_enough() -> None:
    found = records().proposal([row(prop_type="Contract"), row(prop_type="N"), row()], None)
    assert (found.prop_type, found.category) == ("unknown", None)


def test_a_site_tells_what_its_own_types_mean() -> None:
    own = records(types={"Contract": "P", "Scheduled beamtime": "N"})
    assert own.proposal([row(prop_type=" contract")], None).category == "proprietary"
    assert own.proposal([row(prop_type="scheduled Beamtime")], None).category == "visitors"


def records(**settings: Any) -> DuoRecords:
    return DuoRecords(DuoSettings.model_validate({"url": URL, **settings}), ZONE)


def test_a_row_is_a_proposal() -> None:
    found = records().proposal([row()], None)
    assert (found.id, found.title, found.abstract, found.group) == ("20260001", "Growth", "", "p20260")
    assert found.pi == Person(
        firstname="Astrid", lastname="Lindqvist", email="al@example.org", account="astlin"
    )
    assert [one.account for one in found.people] == ["astlin", "marbia", "e20260001"]
    assert found.beamlines == ("x06sa",)
    assert found.visits[0].begin == datetime(2026, 10, 25, 7, tzinfo=timezone.utc)  # winter time since 03:00


def test_rows_of_several_beamlines_and_years_are_one_proposal() -> None:
    other = [{"start": "01/07/2027 08:00:00", "end": "02/07/2027 08:00:00"}]
    found = records().proposal([row(), row(), row(beamline="X10 SA", schedule=other, title="New")], None)
    assert found.beamlines == ("x06sa", "x10-sa")
    assert [(one.id, one.beamline) for one in found.visits] == [
        ("2026102508", "x06sa"),
        ("2027070108", "x10-sa"),
    ]
    assert found.title == "New"
    assert len(found.people) == 3


def test_a_site_may_name_its_fields_otherwise() -> None:
    fields = {"proposal": "number", "code": "propcode", "group": "unixgroup"}
    renamed = {"number": "20260009", "propcode": "IN", "unixgroup": "g9"}
    found = records(fields=fields).proposal([row(**renamed)], None)
    assert (found.id, found.group, found.category) == ("20260009", "g9", "proprietary")


def test_staff_codes() -> None:
    settings = records(staff_codes=["Z"])
    assert settings.proposal([row(code="Z")], None).category == "staff"
    assert settings.proposal([row(code="N")], None).category == "visitors"


def test_without_a_pi_the_main_proposer_is_it() -> None:
    nobody = {f"pi_{name}": None for name in ("firstname", "lastname", "email", "account")}
    found = records().proposal([row(**nobody)], None)
    assert found.pi is not None
    assert found.pi.account == "marbia"


def test_the_groups_owner_is_a_member() -> None:
    answer = {
        "group": {"xname": "p20260", "owner": {"firstname": "O", "adaccount": {"username": "own"}}},
        "proposals": [],
    }
    owner = records().owner(answer)
    assert owner == Person(firstname="O", account="own")
    assert owner in records().proposal([row()], owner).members


@pytest.mark.parametrize(
    "answer", [None, [], {}, {"group": None}, {"group": {"owner": None}}, {"group": {"owner": {}}}]
)
def test_a_group_without_an_owner(answer: Any) -> None:
    assert records().owner(answer) is None


@pytest.mark.parametrize(
    "wrong",
    [
        {"schedule": [{"start": "31/02/2026 08:00:00", "end": "01/03/2026 08:00:00"}]},
        {"schedule": [{"start": "2026-03-01T08:00:00", "end": "2026-03-02T08:00:00"}]},
        {"schedule": [{"start": "02/03/2026 08:00:00", "end": "01/03/2026 08:00:00"}]},
        {"schedule": [{"start": "01/03/2026 08:00:00"}]},
        {"schedule": [None]},
        {"schedule": 5},
        {"beamline": ""},
        {"pgroup": "-rf"},
        {"proposal": "../1"},
    ],
)
def test_what_is_not_as_agreed_is_named(wrong: dict[str, Any]) -> None:
    with pytest.raises(OfficeGarbled) as caught:
        records().proposal([row(**wrong)], None)
    assert str(caught.value).startswith(f"{URL}: proposal {wrong.get('proposal', 20260001)}: ")
    assert "\n" not in str(caught.value)
