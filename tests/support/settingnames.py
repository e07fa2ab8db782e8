"""The settings of a program as its page names them: section.key."""

from collections.abc import Iterator
from typing import get_args

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from scifish.common.yaml_model import is_model


def leaves(model: type[BaseModel], above: str = "") -> Iterator[tuple[str, FieldInfo]]:
    """Yield each setting that is no section itself, with its field."""
    for name, field in model.model_fields.items():
        key = f"{above}{field.alias or name}"
        sections = [one for one in (field.annotation, *get_args(field.annotation)) if is_model(one)]
        if sections:
            yield from leaves(sections[0], f"{key}.")
        else:
            yield key, field
