"""What Elogy makes of the HTML of an entry: scripts go, pictures in the text become files of their own."""

import base64
import binascii
from dataclasses import dataclass
from html import escape
from html.parser import HTMLParser
from typing import Any

DROPPED = frozenset(
    {"script", "style", "iframe", "object", "embed", "form", "input", "button", "meta", "link"}
)
EMPTY = frozenset({"img", "br", "hr", "col"})


@dataclass(frozen=True)
class Attached:
    """A file that was a picture in the text."""

    link: str
    content_type: str
    content: bytes

    def document(self, number: int) -> dict[str, Any]:
        """Return it as the API does."""
        return {
            "id": number,
            "filename": self.link.rpartition("/")[2],
            "embedded": True,
            "content_type": self.content_type,
            "link": self.link,
        }


def cleaned(text: str, first: int) -> tuple[str, list[Attached]]:
    """Return the text without what could run, and its pictures; the first file has the number `first`."""
    cleaner = _Cleaner(first)
    cleaner.feed(text)
    cleaner.close()
    return "".join(cleaner.parts), cleaner.attached


class _Cleaner(HTMLParser):
    def __init__(self, first: int) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self.attached: list[Attached] = []
        self._first = first
        self._dropped = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in DROPPED:
            self._dropped += tag not in {"embed", "input", "meta", "link"}
        if self._dropped or tag in DROPPED:
            return
        kept = {name: value or "" for name, value in attrs if _is_safe(name, value or "")}
        picture = self._taken(kept.get("src", ""))
        if picture:
            kept["src"] = picture.link
        opening = "".join(f' {name}="{escape(value)}"' for name, value in kept.items())
        element = f"<{tag}{opening}{'/' if tag in EMPTY else ''}>"
        self.parts.append(f'<a href="{picture.link}">{element}</a>' if picture else element)

    def handle_endtag(self, tag: str) -> None:
        if tag in DROPPED:
            self._dropped = max(0, self._dropped - 1)
        elif not self._dropped and tag not in EMPTY:
            self.parts.append(f"</{tag}>")

    def handle_data(self, data: str) -> None:
        if not self._dropped:
            self.parts.append(escape(data, quote=False))

    def _taken(self, source: str) -> Attached | None:
        """Return the file that a `data:` address holds."""
        head, _, data = source.partition(",")
        if not head.startswith("data:") or not head.endswith(";base64"):
            return None
        kind = head.removeprefix("data:").removesuffix(";base64")
        try:
            content = base64.b64decode(data, validate=True)
        except binascii.Error:
            return None
        number = self._first + len(self.attached)
        name = f"inline-{len(content)}-{number}.{kind.rpartition('/')[2]}"
        self.attached.append(Attached(f"/attachments/{name}", kind, content))
        return self.attached[-1]


def _is_safe(name: str, value: str) -> bool:
    return not name.startswith("on") and not value.strip().lower().startswith("javascript:")
