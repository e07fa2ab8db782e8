"""The pages of the pretend Elogy: the list of all entries, and one with its follow-ups."""

from html import escape
from typing import Any

STYLE = "body{font-family:sans-serif;margin:2rem}article{border-top:1px solid}img{max-width:100%}"


def page_of_entries(entries: list[dict[str, Any]]) -> str:
    """Return the HTML page that lists entries."""
    lines = "".join(f"<li>{_link(one)}, {escape(one['logbook']['name'])}</li>" for one in entries)
    return _page("Pretend logbook", f"<h1>Pretend logbook</h1><ul>{lines}</ul>")


def page_of_entry(entry: dict[str, Any]) -> str:
    """Return the HTML page of an entry; its content was cleaned when it was stored."""
    return _page(entry["title"] or "", "".join(_article(one) for one in [entry, *entry["followups"]]))


def _page(title: str, body: str) -> str:
    return f"<!doctype html><meta charset=utf-8><title>{escape(title)}</title><style>{STYLE}</style>{body}"


def _link(entry: dict[str, Any]) -> str:
    address = f"/logbooks/{entry['logbook']['id']}/entries/{entry['id']}"
    return f'<a href="{address}">{escape(entry["title"] or "")}</a>'


def _article(entry: dict[str, Any]) -> str:
    by = escape(", ".join(one["name"] for one in entry["authors"]))
    head = f"<h1>{escape(entry['title'] or '')}</h1><p>{by}, {escape(entry['created_at'])}</p>"
    return f"<article>{head}{entry['content'] or ''}</article>"
