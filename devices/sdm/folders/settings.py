"""The settings of the data directories: where they are, who may do what in each kind of folder."""

import re
import stat
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, BeforeValidator, Field, field_validator, model_validator

from scifish.common.text_forms import form
from scifish.common.yaml_model import StrictModel
from sdm.folders.paths import RAW, TEMPLATE, check_template
from sdm.names import GROUP_PATTERN, is_folder_name

ENTRY_PATTERN = form(
    r"^(u|user|g|group):(\{group\}|[A-Za-z0-9_][A-Za-z0-9_.@ -]{0,63}):[r-][w-][x-]$",
    "u:ACCOUNT:rwx or g:GROUP:r-x, or g:{group}:r-x for the proposal's group",
)
SHARED = ("process", "macros", "logs", "notebooks", "photos")


def absolute(path: Path) -> Path:
    """Return a path that no change of the working directory moves."""
    return path.expanduser().absolute()


FilePath = Annotated[Path, AfterValidator(absolute)]


def octal(value: object) -> object:
    """Read a mode as people write it: octal, with or without `0o`."""
    if not isinstance(value, str):
        return value
    try:
        return int(value, 8)
    except ValueError:
        raise ValueError("is no mode; write it in octal, such as 0o2770") from None


def _usable(mode: int) -> int:
    if mode & 0o700 != 0o700 or mode > 0o3777:
        raise ValueError(f"mode {mode:o} shuts the owner out; write it in octal, such as 0o2770")
    return mode


def _off_in_yaml(value: object) -> object:
    """YAML reads an unquoted `off` as false."""
    return "off" if value is False else value


Mode = Annotated[int, BeforeValidator(octal), AfterValidator(_usable)]
AclEntryText = Annotated[str, Field(pattern=ENTRY_PATTERN)]


class FolderSettings(StrictModel):
    """Who may do what in one kind of folder."""

    mode: Mode | None = Field(default=None, description="octal mode; none: it follows from storage.mode")
    acl: tuple[AclEntryText, ...] = Field(
        default=(), description="ACL entries beside the mode, such as g:beamline-staff:r-x"
    )
    default_acl: tuple[AclEntryText, ...] | None = Field(
        default=None,
        description="ACL entries that new things in it get beside the mode's; none: the group's and those of "
        "acl, where files are written; []: no default ACL",
    )


class ParentSettings(StrictModel):
    """The modes of the folders above the proposals; only what everybody may do there is looked after."""

    mode: Mode = Field(default=0o755, description="octal mode of the folders above the proposals")
    proprietary: Mode = Field(
        default=0o711,
        description="octal mode of those below `proprietary`: whom else they can list sees the customers",
    )


class StorageSettings(StrictModel):
    """How the directories of a visit are made."""

    root: FilePath = Field(default=Path("/data"), description="the data root")
    marker: str = Field(
        default="",
        pattern=r"^[^/]*$",
        description="name of a file in the root that only the mounted file system has; none: the device "
        "number of the first look counts",
    )
    template: str = Field(default=TEMPLATE, description="the folders of a visit below the root")
    mode: Mode = Field(default=0o2770, description="mode of the users' directories, octal: 0o2770")
    owner: str | None = Field(default=None, description="account that owns them; none: whoever makes them")
    apply_group: bool = Field(
        default=True, description="give them to the proposal's group; false: leave the group alone"
    )
    group_format: str = Field(
        default="{proposal}-group", description="group of a proposal for which the office names none"
    )
    staff_group_format: str = Field(default="{beamline}", description="group of staff proposals")
    acl: Annotated[Literal["auto", "required", "off"], BeforeValidator(_off_in_yaml)] = Field(
        default="auto", description="ACLs beside the modes: if possible, or else an error, or never"
    )
    parents: ParentSettings = Field(default=ParentSettings(), description="the folders above the proposals")
    proposal: FolderSettings = Field(
        default=FolderSettings(acl=("g:{group}:r-x",)),
        description="the proposal's folder, the gate: who may pass it may be there",
    )
    visit: FolderSettings = Field(default=FolderSettings(), description="the visit's folder")
    folders: dict[str, FolderSettings] = Field(
        default={name: FolderSettings() for name in (RAW, *SHARED)},
        description="the folders in the visit's; raw and its samples are read-only for the group",
    )

    @property
    def readonly(self) -> int:
        """The users' mode without the right to write."""
        return self.mode & ~(stat.S_IWGRP | stat.S_IWOTH)

    @field_validator("group_format", "staff_group_format")
    @classmethod
    def _gives_a_group(cls, rule: str) -> str:
        try:
            name = rule.format(beamline="b303a", proposal="20260001")
        except (KeyError, IndexError, ValueError):
            name = ""
        if not re.fullmatch(GROUP_PATTERN, name):
            raise ValueError("is no rule for a group's name; use {proposal} and {beamline} in it")
        return rule

    @field_validator("template")
    @classmethod
    def _gives_a_path(cls, template: str) -> str:
        check_template(template)
        return template

    @model_validator(mode="after")
    def _has_folders(self) -> "StorageSettings":
        for name in self.folders:
            if not is_folder_name(name):
                raise ValueError(f"folders has {name!r:.80}, which cannot be a folder here and on Windows")
        if RAW not in self.folders:
            raise ValueError(f"folders has no {RAW!r}, where the control system writes; add it")
        return self
