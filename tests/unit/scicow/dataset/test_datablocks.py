import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scicow.dataset.datablocks import Limits, Repair, cut, files_of, listed, missing, outdated, repairs
from scicow.dataset.desired import DataFile

ROOMY = Limits(files=100, bytes=10**12, dataset_files=1000, request_bytes=10**6)
FILES = st.builds(
    DataFile,
    path=st.sampled_from("abcdef"),
    time=st.sampled_from(["2026-03-01T09:30:00.000Z", "2026-03-01T09:31:00.000Z"]),
    size=st.integers(0, 3),
)


def block(number: int, *files: DataFile) -> dict[str, Any]:
    listing = [file.to_json() for file in files]
    return {"_id": f"b{number}", "createdAt": f"2026-03-01T10:00:0{number}.000Z", "dataFileList": listing}


def mended(blocks: list[dict[str, Any]], newer: list[DataFile]) -> list[dict[str, Any]]:
    """Return the blocks after the repairs, as SciCat would hold them."""
    changed = {repair.block_id: repair.files for repair in repairs(blocks, newer)}
    kept = [
        {**one, "dataFileList": [file.to_json() for file in changed[one["_id"]]]}
        if one["_id"] in changed
        else one
        for one in blocks
    ]
    return [one for one in kept if one["dataFileList"] or one["_id"] not in changed]


def test_files_are_cut_by_number_bytes_and_length_of_the_request() -> None:
    files = [DataFile(f"/data/{number:03}", "2026-03-01T09:30:00.000Z", 10) for number in range(10)]
    assert [len(one) for one in cut(files, Limits(4, 10**9, 1000, 10**6))] == [4, 4, 2]
    assert [len(one) for one in cut(files, Limits(99, 25, 1000, 10**6))] == [2] * 5
    assert [len(one) for one in cut(files, Limits(99, 10**9, 1000, 200))] == [2] * 5
    assert [file for one in cut(files, ROOMY) for file in one] == files


def test_a_file_larger_than_the_limit_has_a_datablock_of_its_own() -> None:
    files = [DataFile("a", "t", 1), DataFile("b", "t", 999), DataFile("c", "t", 1)]
    assert [len(one) for one in cut(files, Limits(99, 100, 1000, 10**6))] == [1, 1, 1]


def test_nothing_makes_no_datablock() -> None:
    assert cut([], ROOMY) == []


@given(st.lists(st.lists(FILES, max_size=5), max_size=4), st.lists(FILES, max_size=5))
def test_repairs_list_each_path_once_with_its_newest_entry(
    lists: list[list[DataFile]], desired: list[DataFile]
) -> None:
    blocks = [block(number, *files) for number, files in enumerate(lists)]
    there = listed(blocks)
    after = mended(blocks, outdated(desired, there))
    entries = [file for one in after for file in files_of(one)]
    assert len(entries) == len({file.path for file in entries}) == len(there)
    for file in entries:
        rivals = [one for one in [*desired, *(f for files in lists for f in files)] if one.path == file.path]
        assert file.age == max(one.age for one in rivals)
    assert repairs(after) == []


@given(st.lists(FILES), st.lists(FILES))
def test_what_is_wanted_is_missing_or_outdated_or_there(one: list[DataFile], other: list[DataFile]) -> None:
    there = listed([block(0, *one)])
    lacking, old = missing(other, there), outdated(other, there)
    assert not {file.path for file in lacking} & there.keys()
    for file in other:
        assert file in lacking or file in old or there[file.path].age >= file.age


def test_good_datablocks_need_no_repair() -> None:
    assert repairs([block(0, DataFile("a", "t", 1)), block(1, DataFile("b", "t", 1))]) == []


def test_the_oldest_datablock_keeps_a_file_in_whatever_order_they_come() -> None:
    first, second = block(0, DataFile("a", "t", 1)), block(1, DataFile("a", "t", 1))
    assert repairs([second, first]) == repairs([first, second])
    assert [(one.block_id, one.files) for one in repairs([second, first])] == [("b1", ())]


def test_a_datablock_lists_its_files_and_one_without_a_list_none() -> None:
    assert files_of(block(0, DataFile("a", "t1", 1))) == [DataFile("a", "t1", 1)]
    assert files_of({"_id": "b"}) == files_of({"_id": "b", "dataFileList": None}) == []


def test_what_is_listed_is_the_newest_entry_of_each_path() -> None:
    old, new, other = DataFile("a", "t1", 9), DataFile("a", "t2", 1), DataFile("b", "t1", 1)
    for blocks in ([block(0, old, other), block(1, new)], [block(0, new), block(1, old, other)]):
        assert listed(blocks) == {"a": new, "b": other}
    there = {"a": old}
    assert missing([new, other], there) == [other]
    assert outdated([new, other, old], there) == [new]


LIMIT = DataFile("/data/1", "2026-03-01T09:30:00.000Z", 10)
LENGTH = len(json.dumps(LIMIT.to_json())) + 1


@pytest.mark.parametrize(
    ("limits", "sizes"),
    [
        (Limits(3, 10**9, 1000, 10**6), [3, 3]),
        (Limits(99, 30, 1000, 10**6), [3, 3]),
        (Limits(99, 29, 1000, 10**6), [2, 2, 2]),
        (Limits(99, 10**9, 1000, 3 * LENGTH), [3, 3]),
        (Limits(99, 10**9, 1000, 3 * LENGTH - 1), [2, 2, 2]),
        (Limits(1, 10**9, 1000, 10**6), [1] * 6),
        (Limits(99, 1, 1000, 1), [1] * 6),
    ],
)
def test_each_limit_is_used_up_and_not_passed(limits: Limits, sizes: list[int]) -> None:
    assert [len(one) for one in cut([LIMIT] * 6, limits)] == sizes


def test_repairs_are_those_of_the_changed_datablocks_with_their_whole_lists() -> None:
    a, b, newer = DataFile("a", "t1", 1), DataFile("b", "t1", 1), DataFile("a", "t2", 2)
    blocks = [block(2, a, b), block(0, b), block(1, DataFile("c", "t1", 1))]
    assert repairs(blocks, [newer]) == [Repair("b2", (newer,))]
    assert repairs(blocks, [DataFile("a", "t0", 9), DataFile("absent", "t9", 9)]) == [Repair("b2", (a,))]
    assert repairs([block(0, a, a)]) == [Repair("b0", (a,))]


def test_datablocks_of_one_moment_are_told_apart_by_their_ids() -> None:
    a = DataFile("a", "t1", 1)
    same = [{**block(0, a), "_id": name, "createdAt": "t"} for name in ("x2", "x1")]
    assert repairs(same) == repairs(same[::-1]) == [Repair("x2", ())]
    undated = [{"_id": name, "dataFileList": [a.to_json()]} for name in ("x2", "x1")]
    assert repairs(undated) == [Repair("x2", ())]


def test_the_datablock_that_was_made_first_keeps_a_file_whatever_its_id() -> None:
    a = DataFile("a", "t1", 1)
    young, old = {**block(2, a), "_id": "b0"}, {**block(1, a), "_id": "b9"}
    assert repairs([young, old]) == repairs([old, young]) == [Repair("b0", ())]
