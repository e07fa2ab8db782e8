"""What `scizoo register` puts into the Tango database: servers, devices, properties, Starter levels."""

from typing import Annotated

from pydantic import BeforeValidator, ConfigDict, Field, StringConstraints, field_validator

from scifish.common.text_forms import form
from scifish.common.yaml_model import StrictModel

DEVICE_PATTERN = form(r"^[^/\s*]+/[^/\s*]+/[^/\s*]+$", "domain/family/member, such as b303a/ctl/scidog")
SERVER_PATTERN = form(r"^[^/\s*]+/[^/\s*]+$", "Server/instance, such as SciDog/b303a")
ALIAS_PATTERN = form(r"^[^/\s]+$", "a name without / and blanks")
DeviceName = Annotated[str, StringConstraints(pattern=DEVICE_PATTERN)]
ServerName = Annotated[str, StringConstraints(pattern=SERVER_PATTERN)]


def _texts(value: object) -> object:
    """Take a value as Tango keeps it: a list of texts; truth values as `true` and `false`."""
    values = value if isinstance(value, list | tuple) else [value]
    return tuple(str(one).lower() if isinstance(one, bool) else str(one) for one in values)


Values = Annotated[tuple[str, ...], BeforeValidator(_texts)]


class _Registered(StrictModel):
    model_config = ConfigDict(populate_by_name=True)


class DeviceSettings(_Registered):
    """One device."""

    class_: str = Field(alias="class", min_length=1, description="the Tango class")
    alias: str | None = Field(default=None, pattern=ALIAS_PATTERN, description="short name for the device")
    properties: dict[str, Values] = Field(default_factory=dict, description="property -> value or list")
    attribute_properties: dict[str, dict[str, Values]] = Field(
        default_factory=dict,
        description="attribute -> property (such as abs_change) -> value",
    )


class ServerSettings(_Registered):
    """One server: its devices, and when Starter starts it."""

    host: str | None = Field(default=None, description="host whose Starter controls it; needs `level`")
    level: int | None = Field(
        default=None, ge=0, le=99, description="Starter's level, 1 first; 0: not controlled by Starter"
    )
    devices: dict[DeviceName, DeviceSettings] = Field(default_factory=dict, description="device -> settings")


class RegisterSettings(_Registered):
    """The whole settings file."""

    servers: dict[ServerName, ServerSettings] = Field(description="Server/instance -> settings")
    properties: dict[str, dict[str, Values]] = Field(
        default_factory=dict, description="free properties: object -> property -> value"
    )

    @field_validator("servers")
    @classmethod
    def _a_device_stands_once(cls, servers: dict[str, ServerSettings]) -> dict[str, ServerSettings]:
        seen: dict[str, str] = {}
        for server, settings in servers.items():
            for device in settings.devices:
                if (other := seen.setdefault(device.lower(), server)) != server:
                    raise ValueError(f"device {device} stands in {other} and in {server}; remove one")
        return servers
