"""No page names a file that is not there, by a link or by its path."""

import re

import pytest

from support.texts import repository_texts
from support.wheel import ROOT

ROOTS = r"(?:devices|recorders|consumer|config|tests|bench|docs|\.ci)"
LINK = re.compile(r"\]\(([^)#\s]+)(?:#[^)]*)?\)")
PATH = re.compile(rf"`({ROOTS}/[\w./*{{}},-]*)`")
PACKAGES = "scifish|scicow|minicat|pathfixer|scidog|scifly|sdm|duo|tangobase|scizoo|support"
IN_A_PACKAGE = re.compile(rf"`((?:{PACKAGES})/[\w./*{{}},-]*\.(?:py|yaml|md|sh))`")
LONGEST = 119
BUILT = {one.rstrip("/") for one in (ROOT / ".gitignore").read_text(encoding="utf-8").splitlines()}
PAGES = {name: text for name, text in repository_texts() if name.endswith(".md")}


def missing_links(page: str, text: str) -> list[str]:
    targets = [one for one in LINK.findall(text) if not re.match(r"[a-z]+:", one)]
    return [one for one in targets if not ((ROOT / page).parent / one).exists()]


def is_there(path: str) -> bool:
    """Tell whether a path, perhaps with `*` or `{a,b}` in it, names something."""
    if alternatives := re.search(r"\{([^}]*)\}", path):
        return all(
            is_there(path.replace(alternatives[0], one.strip(), 1)) for one in alternatives[1].split(",")
        )
    return path.rstrip("/") in BUILT or any(ROOT.glob(path.rstrip("/")))


def long_lines(text: str) -> list[str]:
    """Return the lines of prose that are too long; a table's row and a program's line cannot be wrapped."""
    prose = re.sub(r"^```.*?^```$", "", text, flags=re.MULTILINE | re.DOTALL)
    return [line for line in prose.splitlines() if len(line) > LONGEST and not line.startswith("|")]


def made_here(text: str) -> set[str]:
    """Return the files that a how-to page makes."""
    return set(re.findall(r"^```\w+\n# (\S+)\n", text, re.MULTILINE))


@pytest.mark.parametrize("page", PAGES)
def test_a_page_names_only_what_is_there(page: str) -> None:
    text = PAGES[page]
    assert missing_links(page, text) == []
    if page != "CHANGELOG.md":  # it tells of what was
        named = set(PATH.findall(text)) - made_here(text)
        named |= {f"*/{one}" for one in IN_A_PACKAGE.findall(text) if not is_there(one)}
        assert sorted(one for one in named if not is_there(one)) == []


@pytest.mark.parametrize("page", sorted(PAGES))
def test_a_page_has_short_lines(page: str) -> None:
    assert long_lines(PAGES[page]) == []


def test_a_long_line_is_seen() -> None:
    long = "word " * 30
    assert long_lines(f"short\n{long}\n- {long}\n") == [long, f"- {long}"]
    assert long_lines(f"| {long} |\n```sh\n{long}\n```\n") == []


def test_what_is_not_there_is_seen() -> None:
    assert missing_links("docs/x.md", "[a](operators/README.md) [b](nothing.md#x) [c](https://x.org)") == [
        "nothing.md"
    ]
    assert is_there("tests/support/{wheel,texts}.py")
    assert not is_there("tests/support/{wheel,nothing}.py")
    assert PATH.findall("`recorders/scifish/nothing.py` and `docs/`") == [
        "recorders/scifish/nothing.py",
        "docs/",
    ]
    assert IN_A_PACKAGE.findall("`scidog/authority.py` and `sdm/settings.py`") == [
        "scidog/authority.py",
        "sdm/settings.py",
    ]
    assert is_there("*/sdm/settings.py")
    assert not is_there("*/scidog/authority.py")
    assert made_here("```python\n# a/b.py\nx\n```\n") == {"a/b.py"}
