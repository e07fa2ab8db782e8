"""The table as a CSV file: which scans, which columns, and how programs read it."""

import csv
import io
import re
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from support.browser import Open, Scanlog
from support.scans import add, quantity
from support.scicat.catalogue import Api, path_of

pytestmark = pytest.mark.usefixtures("scans")
HOSTILE = [
    '=HYPERLINK("http://example.org","x")',
    "+1+cmd|' /C calc'!A0",
    "-2+3+cmd|' /C calc'!A0",
    "@SUM(1+1)*cmd",
    "\t=1+1",
    "  =1+1",
    "two\r\n=lines",
    "a;=1+1",
    '","=1+1","',
    "plain, with a comma",
    'with "quotes"',
    "\u202egnp.exe",
    "żółć 東京 😀",
]
COLUMNS = "c=datasetName&c=creationTime&c=~test.text&c=~test.number&c=~monochromator.energy"


def _exported(page: Scanlog, tmp_path: Path) -> tuple[str, bytes]:
    """Export what is selected; return the file's name and content."""
    page.page.get_by_role("button", name="Export").click()
    dialog = page.page.get_by_role("dialog", name="Export")
    with page.page.expect_download() as download:
        dialog.get_by_role("button", name="CSV file").click()
    file = tmp_path / "exported.csv"
    download.value.save_as(file)
    expect(dialog.get_by_role("status")).to_contain_text(download.value.suggested_filename)
    page.page.keyboard.press("Escape")
    return download.value.suggested_filename, file.read_bytes()


def _read(content: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline=""), strict=True))


def _select(page: Scanlog, *numbers: int) -> None:
    for number in numbers:
        page.row(f"scan {number}:").locator(".mark").click()


def test_selected_scans_with_the_visible_columns_alone(page: Scanlog, tmp_path: Path) -> None:
    page.page.goto(f"{page.address}/?c=datasetName&c=creationTime&c=~monochromator.energy&p=20260042")
    expect(page.row("scan 12:")).to_be_visible()
    _select(page, 4, 7)
    name, content = _exported(page, tmp_path)
    assert re.fullmatch(r"scanlog-20260042-\d{4}-\d\d-\d\dT\d{6}Z\.csv", name)
    assert content.startswith(b"\xef\xbb\xbf")
    assert content.count(b"\r\n") == content.count(b"\n") == 4
    assert _read(content) == [
        ["Scan", "Time", "monochromator / energy"],
        ["", "UTC", "eV"],
        ["scan 7: ascan mot01 0 1 7", "2026-03-01T09:37:00.000Z", "701.75"],
        ["scan 4: ascan mot01 0 1 4", "2026-03-01T09:34:00.000Z", "701"],
    ]


def test_all_that_are_shown_when_none_is_selected_and_that_is_said(page: Scanlog, tmp_path: Path) -> None:
    page.page.get_by_role("button", name="Export").click()
    dialog = page.page.get_by_role("dialog", name="Export")
    expect(dialog).to_contain_text("No scan is selected: all 13 that are shown.")
    assert page.violations() == []
    page.page.keyboard.press("Escape")
    _, content = _exported(page, tmp_path)
    assert len(_read(content)) == 2 + 13
    _select(page, 1)
    page.page.get_by_role("button", name="Export (1)").click()
    expect(dialog).to_contain_text("The selected scan.")


def test_selected_scans_that_the_filters_hide_are_in_the_file(page: Scanlog, tmp_path: Path) -> None:
    _select(page, 3, 12)
    page.page.get_by_label("Text").fill("scan 12")
    page.page.get_by_label("Text").press("Enter")
    expect(page.end).to_contain_text("2 scans selected, 1 of them not among those shown.")
    _, content = _exported(page, tmp_path)
    assert [row[2].partition(":")[0] for row in _read(content)[2:]] == ["scan 12", "scan 3"]


def test_no_text_starts_a_formula_and_python_reads_all_as_it_was(
    page: Scanlog, api: Api, tmp_path: Path
) -> None:
    numbers = [-5, 0.1 + 0.2, 1e-300, 1.5e16]
    for at, text in enumerate(HOSTILE):
        number = numbers[at % len(numbers)]
        metadata = {"test": {"text": text, "number": quantity(number, "mm")}}
        add(api, 50 + at, comment="hostile", scientificMetadata=metadata)
    page.page.goto(f"{page.address}/?{COLUMNS}&q=hostile&s=%2BcreationTime")
    expect(page.end).to_contain_text(f"All {len(HOSTILE)} scans are shown.")
    _, content = _exported(page, tmp_path)
    rows = _read(content)
    assert [len(row) for row in rows] == [5] * len(rows)
    for text, row in zip(HOSTILE, rows[2:], strict=True):
        assert re.sub(r"(^|[;\t\r\n])'", r"\1", row[2]) == text
    assert [float(row[3]) for row in rows[2:6]] == [-5, 0.1 + 0.2, 1e-300, 1.5e16]
    for separator in ",;\t":
        _no_formula(content.decode("utf-8-sig"), separator)


def _no_formula(text: str, separator: str) -> None:
    """Read as a spreadsheet does whose separator this is: no cell is computed, unless it is a number."""
    for row in csv.reader(io.StringIO(text, newline=""), delimiter=separator):
        for cell in row:
            begins = cell.lstrip(" ")[:1] in {"=", "+", "-", "@"}
            assert not begins or re.fullmatch(r"[+-]?[\d.]+(e[+-]?\d+)?", cell), (separator, cell)


def test_a_scan_that_was_removed_is_counted_and_a_catalogue_away_is_said(
    page: Scanlog, api: Api, scans: list[dict[str, Any]], tmp_path: Path
) -> None:
    _select(page, 3, 4)
    page.page.goto(f"{page.address}/?q=scan+12")
    assert api.client.delete(path_of(scans[2])).status_code == 200
    _, content = _exported(page, tmp_path)
    assert len(_read(content)) == 3
    page.page.get_by_role("button", name="Export").click()
    status = page.page.get_by_role("dialog", name="Export").get_by_role("status")
    page.page.route("**/api/v3/datasets?*", lambda route: route.abort())
    page.page.get_by_role("button", name="CSV file").click()
    expect(status).to_contain_text("Nothing was exported: SciCat cannot be reached")
    page.page.unroute("**/api/v3/datasets?*")
    page.page.get_by_role("button", name="CSV file").click()
    expect(status).to_contain_text("1 scan of the selection cannot be read any more.")


def test_an_export_that_cannot_be_loaded_is_said(page: Scanlog) -> None:
    page.page.route("**/assets/ExportDialog*", lambda route: route.abort())
    page.page.get_by_role("button", name="Export").click()
    expect(page.page.get_by_role("alert").first).to_contain_text("The export cannot be loaded")


def test_a_guest_exports_what_is_public(open_page: Open, api: Api, tmp_path: Path) -> None:
    add(api, 60, isPublished=True)
    with open_page() as page:
        page.page.goto(page.address)
        page.page.get_by_role("button", name="Public data, without log-in").click()
        expect(page.row("scan 60:")).to_be_visible()
        _, content = _exported(page, tmp_path)
        assert len(_read(content)) == 3
