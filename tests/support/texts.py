"""The text files of this checkout that we write."""

from support.wheel import ROOT, tree_files

NOT_OURS = ("COPYING", "COPYING.LESSER")


def repository_texts() -> list[tuple[str, str]]:
    """Return (path, text) of every text file that is not a licence or sample data."""
    found = []
    for name in tree_files():
        if name in NOT_OURS or name.startswith("tests/data/"):
            continue
        raw = (ROOT / name).read_bytes()
        if b"\0" not in raw:
            found.append((name, raw.decode("utf-8", errors="replace")))
    return found
