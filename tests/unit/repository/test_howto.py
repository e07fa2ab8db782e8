"""The how-to pages can be carried out as they stand: in a copy of the tree, with their own tests."""

from pathlib import Path

import pytest

from support.howto import HowtoError, blocks, carry_out, changed, named_tests
from support.wheel import ROOT

PAGES = sorted((ROOT / "docs" / "developers" / "howto").glob("*.md"))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_a_page_can_be_carried_out(page: Path, tmp_path: Path) -> None:
    done = carry_out(page, tmp_path)
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-2000:]
    assert " passed" in done.stdout


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_a_page_has_a_test_and_is_in_the_list(page: Path) -> None:
    assert {block.path for block in blocks(page)} & set(named_tests(page))
    assert f"(howto/{page.name})" in (ROOT / "docs" / "developers" / "README.md").read_text(encoding="utf-8")


def test_a_change_of_lines_that_are_not_there_is_refused() -> None:
    assert changed("a\nb\nc\n", "@@\n a\n-b\n+B\n", "x.py") == "a\nB\nc\n"
    with pytest.raises(HowtoError, match=r"x\.py has these lines 0 times"):
        changed("a\nc\n", "@@\n a\n-b\n+B\n", "x.py")
    with pytest.raises(HowtoError, match=r"x\.py has these lines 2 times"):
        changed("a\na\n", "@@\n-a\n+b\n", "x.py")


def test_a_block_without_its_file_is_refused(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("```python\nimport os\n```\n")
    with pytest.raises(HowtoError, match="does not begin with its file"):
        blocks(page)
