"""Real texts of instruments: SES's, as it is and in other encodings; and a folder of files of one's own.

``SCIZOO_INSTRUMENT_FILES=FOLDER pytest tests/integration/scifly/test_real_texts.py`` holds each `.txt`, `.xy`
and `.xml` in it against an independent parse; what is not of SES or SPECS is named.
"""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from scifly import Acquisition, read_file, readers
from scifly.readers.header_text import number_or_text
from support.scifly.other_parses import Regions, scales, ses_text, specs_xy, specslab_xml
from support.scifly.real_files import real_files

OWN = os.environ.get("SCIZOO_INSTRUMENT_FILES", "")
PARSES: dict[str, Callable[[Path], Regions]] = {".txt": ses_text, ".xy": specs_xy, ".xml": specslab_xml}
FILES = sorted(path for path in Path(OWN).iterdir() if path.suffix in PARSES) if OWN else []


def found(path: Path) -> Acquisition:
    result = read_file(path, readers())
    assert result is not None, path
    return result[1]


def value(leaf: Any) -> Any:
    return leaf["value"] if isinstance(leaf, dict) else leaf


def hold(ours: Acquisition, theirs: Regions) -> None:
    """Hold all that another parse gives against what SciFly read."""
    assert theirs
    mine = [group for name, group in ours.metadata.items() if name.startswith("Region ")]
    assert len(mine) == len(theirs)
    for group, region in zip(mine, theirs, strict=True):
        wanted = {name: text for name, text in region.items() if text and not name.endswith(" scale")}
        read = {name: str(value(group.get(name))) for name in wanted}
        assert {name: text for name, text in wanted.items() if not same(read[name], text)} == {}
        for name, number in scales(region).items():
            assert value(group[name]) == pytest.approx(number)


def same(read: str, text: str) -> bool:
    last = read.rpartition("\n")[2]  # a name that comes again adds a line
    return text.strip() in (read, last) or read == str(number_or_text(text))


def test_a_text_of_ses_is_read_as_configparser_reads_it() -> None:
    path = real_files() / "cassiopee-cut1.txt"
    hold(found(path), ses_text(path))


@pytest.mark.parametrize(
    ("mark", "encoding"),
    [
        (b"\xff\xfe", "utf-16-le"),
        (b"\xfe\xff", "utf-16-be"),
        (b"\xef\xbb\xbf", "utf-8"),
    ],
)
def test_a_real_text_of_ses_in_another_encoding_reads_the_same(
    tmp_path: Path, mark: bytes, encoding: str
) -> None:
    path = real_files() / "cassiopee-cut1.txt"
    other = tmp_path / path.name
    other.write_bytes(mark + path.read_bytes().decode("latin-1").encode(encoding))
    assert found(other) == found(path)


if FILES:

    @pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
    def test_a_file_of_ones_own_is_read_as_another_parse_reads_it(path: Path) -> None:
        hold(found(path), PARSES[path.suffix](path))
