"""How a program reaches Kafka: the brokers, how the connection is secured, and any option of librdkafka."""

import os
from pathlib import Path
from typing import Any, ClassVar, Literal

from pydantic import Field, field_validator, model_validator

from scifish.common.secrets import secret_in
from scifish.common.yaml_model import StrictModel, whole_path
from scifish.errors import SecretError, SettingsError

_PATHS = ("ca_file", "certificate_file", "key_file", "key_password_file", "password_file", "secret_files")
_ADDRESS = {"bootstrap.servers", "metadata.broker.list"}


class KafkaSettings(StrictModel):
    """The same for who writes to Kafka and who reads from it. Secrets are read when a connection is made."""

    whole_paths: ClassVar[bool] = True  # a path that depends on the current folder is refused

    bootstrap: str | None = Field(
        default=None,
        description="brokers: host:port, several with commas",
        json_schema_extra={"formerly": "bootstrap_servers"},
    )
    security_protocol: Literal["PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"] = Field(
        default="PLAINTEXT", description="how the connection is secured"
    )
    ca_file: Path | None = Field(
        default=None, description="certificate authorities that the brokers are checked by"
    )
    certificate_file: Path | None = Field(
        default=None, description="the program's own certificate (PEM), where the brokers ask for one"
    )
    key_file: Path | None = Field(default=None, description="its private key (PEM)")
    key_password_file: Path | None = Field(
        default=None, description="file that holds the password of an encrypted key"
    )
    mechanism: str | None = Field(default=None, description="SASL mechanism, such as SCRAM-SHA-512")
    username: str | None = Field(default=None, description="SASL user")
    password_file: Path | None = Field(default=None, description="file that holds the SASL password")
    options: dict[str, str | int | float | bool] = Field(
        default_factory=dict, description="more options of librdkafka, as it names them"
    )
    secret_files: dict[str, Path] = Field(
        default_factory=dict, description="option of librdkafka -> file that holds its value"
    )

    @field_validator(*_PATHS)
    @classmethod
    def _whole(cls, given: Any) -> Any:
        if not cls.whole_paths or given is None:
            return given
        if isinstance(given, dict):
            return {name: whole_path(path) for name, path in given.items()}
        return whole_path(given)

    @field_validator("options")
    @classmethod
    def _no_bootstrap_twice(cls, options: dict[str, Any]) -> dict[str, Any]:
        if wrong := sorted(_ADDRESS & options.keys()):
            raise ValueError(f"{wrong[0]} stands in `bootstrap`; remove it from options")
        return options

    @model_validator(mode="after")
    def _certificate_has_its_key(self) -> "KafkaSettings":
        if (self.certificate_file is None) != (self.key_file is None):
            raise ValueError("certificate_file and key_file belong together; give both, or none")
        return self

    def client(self) -> dict[str, Any]:
        """Return the options of librdkafka that reach the brokers. Raises SettingsError."""
        named = {
            "bootstrap.servers": self.bootstrap,
            "security.protocol": self.security_protocol,
            "ssl.ca.location": self._location("ca_file"),
            "ssl.certificate.location": self._location("certificate_file"),
            "ssl.key.location": self._location("key_file"),
            "ssl.key.password": _secret("key_password_file", self.key_password_file),
            "sasl.mechanism": self.mechanism,
            "sasl.username": self.username,
            "sasl.password": _secret("password_file", self.password_file),
        }
        secret = {
            name: _secret(f"secret_files.{name}", path, "secret") for name, path in self.secret_files.items()
        }
        return {**{name: one for name, one in named.items() if one is not None}, **self.options, **secret}

    def _location(self, name: str) -> str | None:
        """Return the path that a setting names, if it can be read: librdkafka does not say which cannot."""
        path: Path | None = getattr(self, name)
        if path is not None and not os.access(path, os.R_OK):
            raise SettingsError(f"kafka.{name}: {path} cannot be read; check the path and its rights")
        return None if path is None else str(path)


def _secret(name: str, path: Path | None, what: str = "password") -> str | None:
    """Return what the file that a setting names holds."""
    try:
        return None if path is None else secret_in(path, what)
    except SecretError as error:
        raise SettingsError(f"kafka.{name}: {error}") from error
