"""The file of `scizoo register`: YAML, or dsconfig's JSON."""

from pathlib import Path

from scifish.common.yaml_model import parse, read_yaml
from scizoo.register.dsconfig import from_dsconfig, read_json
from scizoo.register.settings import RegisterSettings


def load_register(path: Path) -> RegisterSettings:
    """Read a settings file. Raises SettingsError."""
    if path.suffix.lower() == ".json":
        document = read_json(path)
        return parse(RegisterSettings, from_dsconfig(document, str(path)), str(path))
    return parse(RegisterSettings, read_yaml(path), str(path), file=path)
