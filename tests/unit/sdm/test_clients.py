"""Every call of existing clients on sdm and duo, as they write it; the office is the configured one."""

import logging
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from sdm import CategoryRefused, NameRefused, OfficeUnavailable, SdmError
from support.sdm.offices import entry, write_proposals, write_settings

# What one client makes of a type, and how it decides; its `except` takes any failure for a no.
PROPOSAL_TYPES = {
    "H": "in-house", "N": "normal", "T": "training", "P": "proprietary", "B": "bag", "L": "long term",
    "F": "fast access", "Z": "commissioning", "G": "gat", "Y": "ddt", "unknown": "unknown",
}  # fmt: skip


def is_proposal_type(proposal_number: Any, proposal_type: str) -> bool:
    from sdm import SDM

    try:
        duo = SDM(production=True).uo
        prop_type = duo.get_proposal(proposal_number).get("prop_type", "unknown")
    except Exception as ex:  # noqa: BLE001 - as the client does
        logging.getLogger("HWR").warning("cannot retrieve proposal info from DUO, %s", ex)
        return False
    return PROPOSAL_TYPES[prop_type] == proposal_type


def prepare_directories(proposal_number: Any, start_date: str, *, is_commissioning: bool = False) -> str:
    """As that client chooses the category and has the folders made; return what `create_path` says."""
    from sdm import storage

    if is_commissioning:
        category = "staff"
    else:
        category = "proprietary" if is_proposal_type(proposal_number, "proprietary") else "visitors"
    made = storage.Storage(user_type=category, beamline="biomax")
    group = "biomax" if is_commissioning else made.get_proposal_group(proposal_number)
    return made.create_path(proposal_number, group, start_date)


@pytest.fixture
def data(tmp_path: Path) -> Path:
    (tmp_path / "data").mkdir()
    return tmp_path / "data"


@pytest.fixture(autouse=True)
def proposals(tmp_path: Path, data: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The file of proposals, which is the office that the host's settings name."""
    proposer = {"firstname": "Marco", "lastname": "Bianchi", "email": "mb@example.org", "account": "marbia"}
    path = write_proposals(
        tmp_path / "proposals.yaml",
        entry("20230001", group="p20230001", beamlines=["BioMAX"], visits=[], proposer=proposer),
        entry("20230002", code="IN", beamlines=["biomax", "demo"], visits=[]),
        entry("20230003", prop_type="P", visits=[]),
        entry("20230004", category="proprietary"),
        entry("20230005", category="staff"),
        entry("20230006", prop_type="B"),
        entry("20230007", prop_type="N", code="in"),
        entry("IN-7"),
    )
    config = write_settings(tmp_path / "sdm.yaml", storage={"root": "data", "apply_group": False})
    monkeypatch.setenv("SDM_CONFIG", str(config))
    return path


@pytest.mark.parametrize(
    ("number", "prop_type"),
    [
        ("20230001", "N"), (20230001, "N"), (np.int64(20230001), "N"), (" 20230001 ", "N"),
        ("20230002", "P"), (20230002, "P"), ("20230003", "P"),
        ("20230004", "P"), ("20230005", "H"), ("20230006", "B"), ("20230007", "P"), ("IN-7", "P"),
        ("20999999", "unknown"), ("IN20999999", "P"), ("in20999999", "P"),
    ],
)  # fmt: skip
def test_the_type_of_a_proposal(number: str | int, prop_type: str) -> None:
    from sdm import SDM

    assert SDM(production=True).uo.get_proposal(number)["prop_type"] == prop_type
    assert is_proposal_type(number, "proprietary") == (prop_type == "P")


def test_the_main_proposer() -> None:
    from sdm import SDM

    proposer = SDM(production=True).uo.get_proposal_proposer(20230001)
    assert (proposer.get("firstname"), proposer.get("lastname")) == ("Marco", "Bianchi")
    assert proposer.get("username") == "marbia"
    assert SDM(production=True).uo.get_proposal_proposer("20230002").get("username") == "astlin"
    assert SDM(production=True).uo.get_proposal_proposer("20999999").get("username") == ""


def test_whether_a_proposal_is_of_this_beamline() -> None:
    import sdm

    uo = sdm.SDM(production=True).uo
    assert "biomax" in uo.get_proposal_info("20230001").get("beamline_assigned", "unknown").lower()
    assert "biomax" not in uo.get_proposal_info(20230003).get("beamline_assigned", "unknown").lower()
    assert uo.get_proposal_info("20999999").get("beamline_assigned", "unknown").lower() == "unknown"


def test_the_proposals_of_a_beamline() -> None:
    from duo.UO import RestDuo
    from sdm.config import DUOPASSWORD, DUOUSER

    duo = RestDuo("https://duo.example.org")
    duo.login(DUOUSER, DUOPASSWORD)
    assert set(duo.get_beamline_proposals("BioMAX")) == {20230001, 20230002}
    assert "IN-7" in set(duo.get_beamline_proposals("demo"))


def test_the_directories_of_each_category(data: Path) -> None:
    assert prepare_directories("20230001", "20231101") == f"{data}/visitors/biomax/20230001/20231101/raw"
    for number in ("20230002", 20230003, "20230004", "20230007", "IN-7"):
        raw = prepare_directories(number, "20231101")
        assert raw == f"{data}/proprietary/biomax/{number}/20231101/raw"


@pytest.mark.parametrize("number", ["2026", 2026, "commissioning"])
def test_commissioning_makes_the_folder_that_is_written_to(data: Path, number: Any) -> None:
    today = datetime.now().astimezone().strftime("%Y%m%d")
    start_date = today if number == "commissioning" else "20160101"  # the client's made-up session
    prepare_directories(number, start_date, is_commissioning=True)
    assert Path(data, "staff", "biomax", "commissioning", today, "raw").is_dir()
    assert [path.name for path in (data / "staff" / "biomax").iterdir()] == ["commissioning"]


def test_commissioning_by_a_client_that_calls_its_users_visitors(data: Path) -> None:
    from sdm import storage

    today = datetime.now().astimezone().strftime("%Y%m%d")
    visitors = storage.Storage("visitors", "biomax")
    assert visitors.get_proposal_group(2026) == "biomax"
    made = visitors.create_path("2026", visitors.get_proposal_group("2026"), "20160101")
    assert made == f"{data}/staff/biomax/commissioning/{today}/raw"


@pytest.mark.parametrize("category", ["visitors", "staff"])
@pytest.mark.parametrize("number", ["20230002", 20230003, "20230004", "20230007", "IN-7", "in20230009"])
def test_proprietary_data_get_no_other_folder(data: Path, category: str, number: Any) -> None:
    from sdm import storage

    made = storage.Storage(user_type=category, beamline="biomax")
    with pytest.raises(CategoryRefused, match=f"proposal {number} is proprietary.*Storage\\('proprietary'"):
        made.create_path(number, None, "20231101")
    assert list(data.iterdir()) == []


@pytest.mark.parametrize("broken", ["proposals: [", None])
def test_a_no_that_comes_of_a_failure_makes_no_folder(
    data: Path, proposals: Path, broken: str | None, caplog: pytest.LogCaptureFixture
) -> None:
    if broken is None:
        proposals.unlink()
    else:
        proposals.write_text(broken)
    assert not is_proposal_type("20230002", "proprietary")  # the client's mistake
    assert "cannot retrieve proposal info" in caplog.text
    with pytest.raises(
        CategoryRefused, match=r"whether proposal 20230002 is proprietary is not known: .*yaml"
    ):
        prepare_directories("20230002", "20231101")
    assert list(data.iterdir()) == []


def test_what_was_known_before_the_office_failed_is_still_known(data: Path, proposals: Path) -> None:
    assert is_proposal_type("20230002", "proprietary")
    assert not is_proposal_type("20230001", "proprietary")
    proposals.unlink()
    assert prepare_directories("20230002", "20231101").startswith(f"{data}/proprietary/")
    assert prepare_directories("20230001", "20231101").startswith(f"{data}/visitors/")


def test_a_visitors_folder_of_a_proposal_that_nobody_knows_is_refused(data: Path) -> None:
    with pytest.raises(CategoryRefused, match="20999999 is not known to the user office, so it may be"):
        prepare_directories("20999999", "20231101")
    assert list(data.iterdir()) == []


@pytest.mark.parametrize("nothing", [None, "", " ", "None", "null", 0, -1, True, 2.5, float("nan"), b"1", []])
def test_what_is_no_proposal_is_refused(data: Path, nothing: Any) -> None:
    from sdm import SDM, storage

    made = storage.Storage(user_type="visitors", beamline="biomax")
    for call in (
        made.get_proposal_group,
        lambda number: made.create_path(number, None, "20231101"),
        SDM(production=True).uo.get_proposal,
        SDM(production=True).uo.get_proposal_proposer,
        SDM(production=True).uo.get_proposal_info,
    ):
        with pytest.raises(
            NameRefused, match=r"no proposal is given .*; give its id, such as 20260001|no proposal"
        ):
            call(nothing)
    assert list(data.iterdir()) == []


@pytest.mark.parametrize("written", ["Proprietary research", "proprietary", "P ", "Industry", "IN"])
def test_a_type_in_words_is_proprietary(data: Path, proposals: Path, written: str) -> None:
    members = ["prop_type"] if written == "P " else ["prop_type", "category", "code"]
    for number, member in enumerate(members, 20230010):
        write_proposals(proposals, entry(str(number), **{member: written}))
        assert is_proposal_type(number, "proprietary")
        assert prepare_directories(number, "20231101").startswith(f"{data}/proprietary/")


@pytest.mark.parametrize("category", ["visitors", "staff"])
def test_a_type_that_is_not_understood_is_no_no(data: Path, proposals: Path, category: str) -> None:
    from sdm import SDM, storage

    write_proposals(proposals, entry("20230010", prop_type="Contract measurement"))
    assert SDM(production=True).uo.get_proposal("20230010")["prop_type"] == "unknown"
    with pytest.raises(
        CategoryRefused,
        match=r"whether proposal 20230010 is proprietary is not known: .* 'Contract measurement'; .*types",
    ):
        storage.Storage(category, "biomax").create_path("20230010", None, "20231101")
    assert list(data.iterdir()) == []


@pytest.fixture
def no_office(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    config = tmp_path / "none.yaml"
    config.write_text("storage: {root: data, apply_group: false}")
    monkeypatch.setenv("SDM_CONFIG", str(config))


@pytest.mark.usefixtures("no_office")
@pytest.mark.parametrize("number", ["20230001", 20230001])
def test_without_an_office_a_no_that_comes_of_a_failure_makes_no_folder(data: Path, number: Any) -> None:
    assert not is_proposal_type(number, "proprietary")  # the client's mistake
    for _ in range(2):  # it tries again
        with pytest.raises(
            CategoryRefused,
            match=r"whether proposal 20230001 is proprietary is not known: no user office is set; write the",
        ):
            prepare_directories(number, "20231101")
    assert list(data.iterdir()) == []


@pytest.mark.usefixtures("no_office")
def test_without_an_office_a_client_that_decides_itself_is_believed(
    data: Path, caplog: pytest.LogCaptureFixture
) -> None:
    from sdm import SDM, storage

    with pytest.raises(OfficeUnavailable):
        SDM(production=True).uo.get_proposal("20230002")  # about another proposal
    made = storage.Storage("visitors", "biomax")
    raw = made.create_path("20230001", made.get_proposal_group("20230001"), "20231101")
    assert raw == f"{data}/visitors/biomax/20230001/20231101/raw"
    assert "no user office is set: whether proposal 20230001 is proprietary is not checked" in caplog.text


@pytest.mark.usefixtures("no_office")
@pytest.mark.parametrize("category", ["visitors", "staff"])
def test_without_an_office_what_lies_in_the_proprietary_folders_is_proprietary(
    data: Path, category: str
) -> None:
    from sdm import storage

    storage.Storage("proprietary", "demo").create_path("20230001", None, "20231031")
    with pytest.raises(CategoryRefused, match=f"20230001 is proprietary: {data}/proprietary/demo/20230001"):
        storage.Storage(category, "biomax").create_path("20230001", None, "20231101")
    assert [path.name for path in data.iterdir()] == ["proprietary"]


@pytest.mark.usefixtures("no_office")
def test_without_an_office_proprietary_folders_that_cannot_be_read_are_no_no(data: Path) -> None:
    from sdm import storage

    (data / "proprietary").write_text("not a folder")
    with pytest.raises(CategoryRefused, match=f"not known: {data}/proprietary cannot be read .Not a dir"):
        storage.Storage("visitors", "biomax").create_path("20230001", None, "20231101")
    assert [path.name for path in data.iterdir()] == ["proprietary"]


def test_without_an_office_every_question_says_so(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    from duo.UO import RestDuo
    from sdm import SDM

    (tmp_path / "none.yaml").write_text("storage: {root: data}")
    monkeypatch.setenv("SDM_CONFIG", str(tmp_path / "none.yaml"))
    for call in (SDM(production=True).uo.get_proposal, RestDuo("x").get_beamline_proposals):
        with pytest.raises(OfficeUnavailable, match=r"no user office is set; write the section proposals"):
            call("20230001")
    assert issubclass(OfficeUnavailable, SdmError)
