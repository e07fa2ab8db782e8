"""One word for one thing: no code and no page uses the words that docs/glossary.md replaced."""

import ast
import re
from collections import Counter
from collections.abc import Iterator

import pytest

from support.texts import repository_texts
from support.wheel import ROOT

GLOSSARY = "docs/glossary.md"
ROOTS = ("devices/", "recorders/", "consumer/", "config/", "docs/", "README.md", "CONTRIBUTING.md")

# Only of dead letters: elsewhere it means that something is decided.
ONLY_OF_DEAD_LETTERS = (
    "consumer/scicow/dead_letters/",
    "consumer/scicow/kafka/",
    "consumer/scicow/cli/",
    "docs/",
)
SETTLE = ("settle", "settles", "settled", "settling")

# In identifiers, logs, docstrings, comments and pages: the old word, and what to write.
OLD_WORDS = {
    "letter": "dead letter",
    "letters": "dead letters (of the alphabet: characters)",
    "shelf": "dead-letter store",
    "shelves": "dead-letter stores",
    "settle": "acknowledge",
    "settles": "acknowledges",
    "settled": "acknowledged",
    "settling": "acknowledging",
    "lane": "beamline queue, or device worker",
    "lanes": "beamline queues, or device workers",
    "errand": "task",
    "errands": "tasks",
    "fold": "coalesce",
    "folds": "coalesces",
    "folded": "coalesced",
    "folding": "coalescing",
    "trim": "truncate",
    "trims": "truncates",
    "trimmed": "truncated",
    "trimming": "truncating",
    "salvage": "recover",
    "salvages": "recovers",
    "salvaged": "recovered",
    "salvaging": "recovering",
    "incarnation": "topic id",
    "underway": "in flight",
}
# As the name of a module: a file is named by its noun.
OLD_MODULES = {
    "apart": "separate",
    "begin": "lifecycle",
    "errands": "tasks",
    "fit": "size_limit",
    "known": "dataset_cache",
    "lasting": "retention",
    "lifelock": "process_lock",
    "once": "log_once",
    "parts": "files",
    "said": "a noun",
    "shown": "response",
    "told": "a noun",
    "track": "outbox_history",
    "underway": "in_flight",
    "wanted": "desired",
    "watched": "tango_device",
    "written": "client_fields",
}
# As the name of a class or a function.
OLD_DEFINITIONS = {
    "Apart": "Separate",
    "Known": "DatasetCache",
    "Said": "a noun",
    "said": "reported",
    "say": "log",
    "Shown": "Response",
    "shown": "response",
    "tell": "report",
    "Told": "a noun",
    "told": "reported",
    "Wanted": "Desired",
    "wanted": "desired",
    "Watched": "a noun",
    "Written": "ClientFields",
}
INSTEAD = {
    **OLD_WORDS,
    **{f"module {old}": new for old, new in OLD_MODULES.items()},
    **{f"name {old}": new for old, new in OLD_DEFINITIONS.items()},
}

# What stays, each with its reason.
KEPT = (
    r'overflow="fold"',  # an argument of rich
    r"letters, digits|letters? or digits?|no letter and no digit",  # of the alphabet
    r"letters of the pid|neither letter|by no letter",
    r"scicow_folded\w*|scicow_letters\w*|\bletters = Gauge\w+|letters\.add_metric|yield letters",
    r"\bfolded = Counter\w+|folded\.add_metric|yield folded",  # old metrics
    r"labels=\[.beamline., .shelf.\]|\{beamline,shelf\}",
    r'"formerly": "\w+"',  # settings that were renamed
    r"scizoo-settled",  # a header of Kafka that is in topics
    r"(EXISTS|INTO|FROM) letter\b",  # a table of state files that are there
    r"messages/letter|^  +letter:",  # a name within the AsyncAPI document
    r"outbox salvage|outbox\.command\(.salvage|def salvage",  # a command's earlier name
    r"ScanPlace\.UNDERWAY|UNDERWAY = ",  # where a scan is, as its user reads it
)


def words(text: str) -> Iterator[str]:
    """Yield the words of a text and within its names, lower case: of `DeadLetter`: dead, letter."""
    for word in re.findall(
        r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])", re.sub("|".join(KEPT), "", text, flags=re.MULTILINE)
    ):
        yield word.lower()


def old_words(text: str, name: str = "docs/") -> Counter[str]:
    found: Counter[str] = Counter()
    before = ""
    old = set(OLD_WORDS) - (set() if name.startswith(ONLY_OF_DEAD_LETTERS) else set(SETTLE))
    for word in words(text):
        if word in old and not (before == "dead" and word.startswith("letter")):
            found[word] += 1
        before = word
    return found


def old_names(name: str, text: str) -> Counter[str]:
    """Count the old names of a module, its classes and functions, without a leading underscore."""
    defined = [
        one.name for one in ast.walk(ast.parse(text)) if isinstance(one, ast.ClassDef | ast.FunctionDef)
    ]
    named = [one.lstrip("_") for one in defined if one.lstrip("_") in OLD_DEFINITIONS]
    stem = name.rpartition("/")[2].removesuffix(".py")
    return Counter([*[f"module {stem}"] * (stem in OLD_MODULES), *(f"name {one}" for one in named)])


def test_nothing_uses_an_old_word() -> None:
    places: dict[str, list[str]] = {}
    for name, text in repository_texts():
        if not name.startswith(ROOTS) or name == GLOSSARY:
            continue
        found = old_words(text, name) + (old_names(name, text) if name.endswith(".py") else Counter())
        for word, count in found.items():
            places.setdefault(word, []).append(f"{name} ({count})")
    assert not {f"{word}: write {INSTEAD[word]!r}": where for word, where in places.items()}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("class LetterStore: ...", ["letter"]),
        ("a dead letter, dead-letter topics, DeadLetter, dead_letters, DEAD_LETTERS", []),
        ("self._lane = Lane(beamline_lanes)", ["lane", "lane", "lanes"]),
        ("a folder, manifold, twofold, planes", []),
        ("1 to 64 letters, digits, _ and -", []),
        ("The messages\nare folded", ["folded"]),
    ],
)
def test_old_words_are_seen(text: str, expected: list[str]) -> None:
    assert sorted(old_words(text).elements()) == sorted(expected)


def test_old_names_are_seen() -> None:
    assert old_names("x/wanted.py", "class Told: ...\ndef _say() -> None:\n    said = 1\n") == Counter(
        ["module wanted", "name Told", "name say"]
    )


def terms() -> list[str]:
    return re.findall(r"^- \*\*(.+?)\*\*: ", (ROOT / GLOSSARY).read_text(encoding="utf-8"), re.MULTILINE)


def test_the_glossary_has_each_term_once_in_alphabetic_order() -> None:
    found = terms()
    assert found == sorted(set(found))
    needed = {
        "dead letter",
        "dead-letter store",
        "acknowledge",
        "tombstone",
        "beamline queue",
        "device worker",
    }
    needed |= {"task", "coalesce", "truncate", "recover", "topic id", "desired dataset", "dataset cache"}
    assert needed <= set(found)


@pytest.mark.parametrize(
    ("page", "link"), [("README.md", "docs/glossary.md"), ("docs/developers/README.md", "../glossary.md")]
)
def test_the_glossary_is_linked(page: str, link: str) -> None:
    assert f"]({link})" in (ROOT / page).read_text(encoding="utf-8")
