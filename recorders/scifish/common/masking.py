"""What must never be shown: passwords and the like, in settings, options of librdkafka and addresses."""

import re
from collections.abc import Mapping

SECRET_WORDS = (
    "password",
    "passphrase",
    "secret",
    "token",
    "key.pem",
    "jaas",
    "credential",
    "authorization",
    "sasl.oauthbearer.config",
)
MASK = "********"
_LOGIN = re.compile(r"(?<=://)[^/@\s]+(?=@)")


def is_secret(name: str) -> bool:
    """Tell whether a setting or a librdkafka option of that name must never be shown."""
    lowered = name.lower()
    return any(word in lowered for word in SECRET_WORDS)


def shown_value(name: str, value: object) -> str:
    """Return a setting's value as it may be shown; an address (``https://me:…@host``) without its login."""
    return MASK if is_secret(name) and value is not None else _LOGIN.sub(MASK, str(value))


def without_secrets(text: str, options: Mapping[str, object]) -> str:
    """Return `text` with every secret value masked."""
    for name, value in options.items():
        if is_secret(name) and str(value):
            text = text.replace(str(value), MASK)
    return text
