"""The one page of the pretend Elogy: an entry with its follow-ups."""

from html import escape
from typing import Any

STYLE = "body{font-family:sans-serif;margin:2rem}article{border-top:1px solid}img{max-width:100%}"


def page_of_entry(entry: dict[str, Any]) -> str:
    """Return the HTML page of an entry; its content was cleaned when it was stored."""
    title = escape(entry["title"] or "")
    articles = "".join(_article(one) for one in [entry, *entry["followups"]])
    return f"<!doctype html><meta charset=utf-8><title>{title}</title><style>{STYLE}</style>{articles}"


def _article(entry: dict[str, Any]) -> str:
    by = escape(", ".join(one["name"] for one in entry["authors"]))
    head = f"<h1>{escape(entry['title'] or '')}</h1><p>{by}, {escape(entry['created_at'])}</p>"
    return f"<article>{head}{entry['content'] or ''}</article>"
