"""minicat's settings: accounts, groups and rights, limits; one frozen object from a YAML file."""

import os
import re
import secrets
from collections.abc import Mapping
from pathlib import Path

from pydantic import Field, SecretStr, field_validator, model_validator

from scifish.common.yaml_model import StrictModel, load

EVERYONE = "#all"
PASSWORD_VARIABLE = "MINICAT_ADMIN_PASSWORD"  # noqa: S105 - the name of the variable, not a password


class User(StrictModel):
    """A functional account; its groups are its roles."""

    username: str = Field(min_length=1, description="name that the client logs in with")
    password: SecretStr = Field(min_length=1, description="its password; keep the file readable by few")
    groups: tuple[str, ...] = Field(default=(), description="groups, which are the account's roles")
    email: str | None = Field(default=None, description="its address; none: `<username>@localhost`")

    def address(self) -> str:
        """Return the account's e-mail address."""
        return self.email or f"{self.username}@localhost"


class FrontendClient(StrictModel):
    """A page whose users log in by OIDC."""

    success_url: str = Field(default="", description="address of the page, which gets the token")
    return_url: str | None = Field(
        default=None, description="where the page goes then, unless it says so itself; none: `/datasets`"
    )


class OidcSettings(StrictModel):
    """Log-in by an OIDC issuer, such as Keycloak; the keys are SciCat's variables `OIDC_…`."""

    issuer: str = Field(description="address of the issuer, without `/.well-known/openid-configuration`")
    client_id: str = Field(description="name by which the issuer knows minicat")
    client_secret: SecretStr = Field(description="its password; keep the file readable by few")
    callback_url: str = Field(
        description="address of `/api/v3/auth/oidc/callback` here, as a browser reaches it"
    )
    scope: str = Field(default="openid profile email", description="what the issuer is asked for")
    access_groups_property: str | None = Field(
        default=None, description="claim that holds a user's groups, such as `groups`; none: no groups"
    )
    frontend_clients: dict[str, FrontendClient] = Field(
        default_factory=dict, description="the pages by their names, each with `success_url`, `return_url`"
    )


class Settings(StrictModel):
    """Everything a site can choose."""

    users: tuple[User, ...] = Field(default=(), description="the accounts; none: `admin`")
    admin_groups: frozenset[str] = Field(
        default=frozenset({"admin"}), description="may do everything, but remove"
    )
    delete_groups: frozenset[str] = Field(
        default=frozenset({"admin"}),
        description="may remove; administrators that are not in it may not",
    )
    create_dataset_groups: frozenset[str] = Field(
        default=frozenset({EVERYONE}),
        description=f"may create datasets of their own groups, without a pid; `{EVERYONE}` is every account",
    )
    create_dataset_privileged_groups: frozenset[str] = Field(
        default=frozenset(),
        description="may create datasets of any group, with a pid, but neither read nor change them",
    )
    create_dataset_with_pid_groups: frozenset[str] = Field(
        default=frozenset(),
        description="may create datasets of their own groups with a pid of their choice",
    )
    proposal_groups: frozenset[str] = Field(
        default=frozenset(),
        description="may create, read and change every proposal",
    )
    token_lifetime: float = Field(default=3600.0, gt=0, le=10**9, description="seconds that a login lives")
    pid_pattern: str | None = Field(
        default=None, description="regular expression that a chosen pid must match whole"
    )
    oidc: OidcSettings | None = Field(default=None, description="log-in by an OIDC issuer, such as Keycloak")
    body_limit: int = Field(default=16 * 1024 * 1024, gt=0, description="bytes that a body may have")

    @field_validator("pid_pattern")
    @classmethod
    def _compiles(cls, pattern: str | None) -> str | None:
        try:
            re.compile(pattern or "")
        except re.error as error:
            raise ValueError(f"is no regular expression ({error})") from error
        return pattern

    @model_validator(mode="after")
    def _one_account_of_a_name(self) -> "Settings":
        names = [user.username for user in self.users]
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise ValueError(f"users: {twice[0]!r} is there twice; give each account its own name")
        return self


def load_settings(path: Path) -> Settings:
    """Read the settings file. Raises scifish's SettingsError, which names file, key and value."""
    return load(Settings, path)


def with_admin(settings: Settings, environ: Mapping[str, str] = os.environ) -> tuple[Settings, str | None]:
    """Give settings without accounts the account `admin`; return its password too when it was made up."""
    if settings.users:
        return settings, None
    given = environ.get(PASSWORD_VARIABLE)
    password = given or secrets.token_urlsafe(12)
    admin = User(username="admin", password=SecretStr(password), groups=tuple(sorted(settings.admin_groups)))
    return settings.model_copy(update={"users": (admin,)}), None if given else password
