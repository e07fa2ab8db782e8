"""The schedule in Prodigy's experiments: spectra in groups, with the settings of each."""

from dataclasses import dataclass, field

from scifly.readers.specs.xml_stream import Attributes, XmlStream

MAX_SPECTRA = 1000
_GROUP, _SPECTRUM = "SpectrumGroup", "Spectrum"
_GROUPS_SETTINGS = {"ScanMode": "Scan Mode", "SlitInfo": "Slit", "Lens": "Lens", "Iris": "Iris"}


@dataclass(frozen=True)
class Spectrum:
    """What the schedule says of a spectrum: name -> text, in Prodigy's names."""

    fields: dict[str, str] = field(default_factory=dict)


def read_schedule(text: str, where: str) -> dict[str, Spectrum]:
    """Return the spectra by their ID, at most `MAX_SPECTRA`.

    Raises IncompleteError, UnreadableError.
    """
    if not text:
        return {}
    found = _Schedule()
    XmlStream(where, found.start, found.end).parse([text])
    return found.spectra


class _Schedule:
    def __init__(self) -> None:
        self.spectra: dict[str, Spectrum] = {}
        self._group: dict[str, str] = {}
        self._device: dict[str, str] = {}
        self._command = ""
        self._parameter = ""
        self._spectrum: Spectrum | None = None

    def start(self, tag: str, attributes: Attributes) -> None:
        """An element begins."""
        name = attributes.get("Name", "")
        if tag == "DeviceCommands":
            self._device = {}
        elif tag == "DeviceCommand":
            self._command = attributes.get("UniqueDeviceName", "")
        elif tag == "Parameter":
            self._parameter = attributes.get("name", "")
        elif tag == _GROUP:
            self._group = {"Group": name} if name.strip() else {}
        elif tag == _SPECTRUM and len(self.spectra) < MAX_SPECTRA:
            self._spectrum = Spectrum({"Spectrum": name, **self._group, **self._device})
            self.spectra[attributes.get("ID", "")] = self._spectrum
        elif self._spectrum is None and tag in _GROUPS_SETTINGS:
            self._group |= {_joined(_GROUPS_SETTINGS[tag], key): text for key, text in attributes.items()}
        elif (
            self._spectrum is not None
            and tag.endswith("Settings")
            and tag not in {"UserSettings", "ViewSettings"}
        ):
            self._spectrum.fields.update({"Scan Mode": tag.removesuffix("Settings"), **attributes})

    def end(self, tag: str, text: str) -> None:
        """An element ends."""
        if tag == _SPECTRUM:
            self._spectrum = None
        elif tag == _GROUP:
            self._group = {}
        elif tag == "Comment" and self._spectrum is not None and text:
            self._spectrum.fields["Comment"] = text
        elif tag == "Parameter" and self._command and self._spectrum is None and text:
            self._device[f"{self._command} {self._parameter}"] = text
        elif tag == "DeviceCommand":
            self._command = ""


def _joined(name: str, key: str) -> str:
    return name if key == "Name" else f"{name} {key}"
