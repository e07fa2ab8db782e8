"""A YAML text as data, with the line of each place in it: one reading by the quick loader serves both."""

import re
from collections.abc import Collection, Iterator, Sequence
from typing import Any

import yaml

from scifish.errors import SettingsError

_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # in C ten times quicker; not on every host
# What PyYAML lets through: for a date such as 2026-02-30, for `!!timestamp x`, for endless brackets.
_UNTRANSLATED = (ValueError, TypeError, AttributeError, LookupError, RecursionError)
_TEXT, _MERGE = "tag:yaml.org,2002:str", "tag:yaml.org,2002:merge"
_MOST_NODES = 300_000  # a small file whose aliases name each other can stand for millions


class YamlText:
    """A document. Raises SettingsError, which begins with `source`, for what is not YAML.

    Below a key of `words` (such as ``mapping``) each value and each key is text as it is written: ``ON``
    stays ``ON``, which YAML takes for a truth value, and ``4`` stays ``4``.
    """

    def __init__(self, text: str, source: str, *, words: Collection[str] = ()) -> None:
        self._source = source
        self._words = words
        try:
            loader = _LOADER(text)
            try:
                self._node: yaml.Node | None = loader.get_single_node()
                self._check()
                self.data: Any = None if self._node is None else loader.construct_document(self._node)
            finally:
                loader.dispose()
        except yaml.YAMLError as error:
            raise SettingsError(f"{source}: {_yaml_problem(error)}") from error
        except _UNTRANSLATED as error:
            raise SettingsError(
                f"{source}: holds a value that is not YAML ({error}); put it in quotes"
            ) from error

    def line_of(self, place: Sequence[str | int]) -> int | None:
        """Return the line (from 1) of what stands at `place`, or of the last part of it that stands there."""
        node, line = self._node, None
        for part in place:
            found = _inside(node, part)
            if found is None:
                break
            line, node = found
        return line

    def _check(self) -> None:
        """Refuse keys that are there twice; make text of what stands below `words`."""
        waiting: list[tuple[yaml.Node, bool]] = [(self._node, False)] if self._node else []
        visited = 0
        while waiting:
            node, is_text = waiting.pop()
            visited += 1
            if visited > _MOST_NODES:
                raise SettingsError(f"{self._source}: its aliases (*name) make it too large; write less")
            if isinstance(node, yaml.MappingNode):
                self._check_keys(node)
                for key, value in node.value:
                    if is_text and isinstance(key, yaml.ScalarNode) and key.tag != _MERGE:
                        key.tag = _TEXT
                    waiting.append((value, is_text or key.value in self._words))
            elif isinstance(node, yaml.SequenceNode):
                waiting.extend((one, is_text) for one in node.value)
            elif is_text:
                node.tag = _TEXT

    def _check_keys(self, node: yaml.MappingNode) -> None:
        lines: dict[str, int] = {}
        for key, line in _scalar_keys(node):
            if key in lines:
                raise SettingsError(
                    f"{self._source}: line {line}: the key {key!r:.80} stands in line {lines[key]} too; "
                    "remove one"
                )
            lines[key] = line


def _scalar_keys(node: yaml.MappingNode) -> Iterator[tuple[str, int]]:
    for key, _ in node.value:
        if isinstance(key, yaml.ScalarNode) and key.tag != _MERGE:
            yield key.value, key.start_mark.line + 1


def snake_case(key: object) -> str:
    """Return a key's name in snake_case."""
    return re.sub(r"(?<=[a-z0-9])[A-Z]+", lambda found: f"_{found[0]}", str(key)).lower()


def _inside(node: yaml.Node | None, part: str | int) -> tuple[int, yaml.Node] | None:
    if isinstance(node, yaml.MappingNode):
        return next(
            (
                (key.start_mark.line + 1, value)
                for key, value in node.value
                if str(part) in (key.value, snake_case(key.value))  # as `with_current_names` takes it
            ),
            None,
        )
    if isinstance(node, yaml.SequenceNode) and isinstance(part, int) and part < len(node.value):
        return node.value[part].start_mark.line + 1, node.value[part]
    return None


def _yaml_problem(error: yaml.YAMLError) -> str:
    mark = getattr(error, "problem_mark", None)
    where = f"line {mark.line + 1}, column {mark.column + 1}: " if mark else ""
    return f"{where}is not YAML ({getattr(error, 'problem', None) or 'unreadable'}); correct that line"
