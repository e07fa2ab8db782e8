import io
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest

from scifly import read_file, readers
from scifly.errors import IncompleteError, UnreadableError
from scizoo.simulation.instruments import ses
from scizoo.simulation.instruments.acquired import Region

REGION = Region(name="cut", slices=3, comment="exit slit 80")


def put(folder: Path, content: bytes) -> Path:
    path = folder / "map.zip"
    path.write_bytes(content)
    return path


def archive(compression: int = zipfile.ZIP_DEFLATED, **members: bytes) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", compression) as file:
        for name, content in members.items():
            file.writestr(name.replace("_ini", ".ini"), content)
    return target.getvalue()


def test_a_map_is_read_without_its_data(tmp_path: Path) -> None:
    result = read_file(put(tmp_path, ses.da30(REGION)), readers())
    assert result is not None
    name, found = result
    region = found.metadata["Region 1"]
    assert (name, found.title, found.missing) == ("ses-da30", "SES cut", "")
    assert region["Dimension 1 name"] == "Energy [eV]"
    assert region["Dimension 1 size"] == REGION.points
    assert region["Dimension 2 last"] == {"value": pytest.approx(-14.9), "unit": "deg"}
    assert region["Pass Energy"] == {"value": 50, "unit": "eV"}
    assert found.common["comment"] == "exit slit 80;"


def test_an_archive_waits_for_its_end(tmp_path: Path) -> None:
    content = ses.da30(REGION)
    for length in range(10, len(content) - 22, 13):
        with pytest.raises(IncompleteError):
            read_file(put(tmp_path, content[:length]), readers())


def test_another_archive_is_none_of_ours(tmp_path: Path) -> None:
    assert read_file(put(tmp_path, archive(readme=b"hello")), readers()) is None


def test_a_member_that_is_packed_otherwise_is_not_unpacked(tmp_path: Path) -> None:
    content = archive(zipfile.ZIP_LZMA, viewer_ini=b"[viewer]\nregion_list=r\n")
    with pytest.raises(UnreadableError, match=r"viewer\.ini is packed as SES never does"):
        read_file(put(tmp_path, content), readers())


def test_of_a_member_that_unpacks_to_much_the_begin_is_read(tmp_path: Path) -> None:
    bomb = b"[viewer]\nregion_list=r\n[viewer.r]\nname=r\nini_path=r.ini\n" + b"\n" * 50_000_000
    result = read_file(put(tmp_path, archive(viewer_ini=bomb, r_ini=b"[SES]\nLens Mode=A\n")), readers())
    assert result is not None
    assert result[1].common == {"lens_mode": "A"}


def test_a_map_of_two_regions(tmp_path: Path) -> None:
    viewer = b"[viewer]\nregion_list=a;b\n[viewer.a]\nname=one\n[viewer.b]\nname=two\nini_path=two.ini\n"
    result = read_file(
        put(tmp_path, archive(viewer_ini=viewer, two_ini=ses.note(replace(REGION, name="two")))), readers()
    )
    assert result is not None
    assert result[1].title == "SES one, two"
