"""A revision as YAML, for people and git: who, when and why first, then the configuration's own keys."""

from typing import Any

import yaml

from scidog.errors import InvalidConfigurationError
from scidog.model.document import as_written
from scidog.model.revision import Revision
from scifish.common.yaml_model import parse
from scifish.common.yaml_text import YamlText
from scifish.contract.configuration import Configuration
from scifish.errors import SettingsError

_DUMPER: Any = getattr(yaml, "CSafeDumper", yaml.SafeDumper)
WORDS = ("mapping",)
ENVELOPE = ("author", "time", "comment", "deleted")


def revision_yaml(revision: Revision) -> str:
    """Return the revision as YAML; what is not said is left out."""
    said = revision.model_dump(mode="json", exclude_none=True, exclude_defaults=True)
    said.pop("configuration", None)
    document = as_written(revision.configuration)
    names = {key: document.pop(key) for key in ("name", "revision")}
    return configuration_yaml({**names, **said, **({} if revision.deleted else document)})


def configuration_yaml(document: dict[str, Any]) -> str:
    """Return a document as YAML; each text is written so that it is read back as that text."""
    return str(yaml.dump(document, Dumper=_DUMPER, sort_keys=False, allow_unicode=True, width=100))


def read_revision(text: YamlText, source: str, name: str, number: int) -> Revision:
    """Read a revision; its place says which it is, whatever is written in it.

    Raises InvalidConfigurationError.
    """
    data = document_of(text, source)
    envelope = {key: data.pop(key) for key in ENVELOPE if key in data}
    try:
        configuration = parse(Configuration, {**data, "name": name, "revision": number}, source, text=text)
        return parse(Revision, {**envelope, "configuration": configuration}, source, text=text)
    except SettingsError as error:
        raise InvalidConfigurationError(str(error)) from error


def document_of(text: YamlText, source: str) -> dict[str, Any]:
    """Return the keys of a document; an empty text has none. Raises InvalidConfigurationError."""
    if text.data is None:
        return {}
    if not isinstance(text.data, dict):
        raise InvalidConfigurationError(
            f"{source}: holds a {type(text.data).__name__}; write `key: value` lines"
        )
    return dict(text.data)


def yaml_text(content: bytes, source: str) -> YamlText:
    """Read YAML. Raises InvalidConfigurationError."""
    try:
        return YamlText(content.decode(), source, words=WORDS)
    except UnicodeDecodeError as error:
        raise InvalidConfigurationError(
            f"{source}: is not UTF-8 text (byte {error.start}); save it as UTF-8"
        ) from error
    except SettingsError as error:
        raise InvalidConfigurationError(str(error)) from error
