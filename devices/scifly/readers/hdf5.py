"""HDF5 files of Scienta and of SPECS: attributes and single values of all groups, never an array.

pyfive reads them, in Python alone: a damaged file raises an error there, where the HDF5 library may crash.
"""

import struct
import warnings
from collections.abc import Iterator
from typing import Any, BinaryIO, cast

import numpy as np
import pyfive

from scifly.errors import IncompleteError, NotThisFormatError, UnreadableError
from scifly.readers.acquisition import Acquisition
from scifly.readers.common import common
from scifly.readers.header_text import number_or_text
from scifly.readers.instrument_file import InstrumentFile
from scifly.readers.sections import Sections, Span, moment

FORMAT = "HDF5"
warnings.filterwarnings("ignore", module="pyfive")  # about values that it does not know
MAX_NODES = 2000  # groups and datasets that are looked at
MAX_DEPTH = 12
MAX_VALUES = 64  # of a list in an attribute
MAX_SYMBOLS = 1 << 16  # characters of a value
_SIGNATURE = b"\x89HDF\r\n\x1a\n"
# Where the file's length stands, by the version of the superblock; before that, the offset of its begin.
_LENGTHS = {0: (24, 40), 1: (28, 44), 2: (12, 28), 3: (12, 28)}
_SIZE_OF_OFFSETS = {0: 13, 1: 13, 2: 9, 3: 9}
_OPEN_FOR_WRITING = 1  # a flag of version 3
_MAKERS = {"scienta": "Scienta", "specs": "Prodigy", "prodigy": "Prodigy"}
_ROOT_NAMES = ("vendor", "creator", "Vendor", "Creator", "program", "Manufacturer")
_COMMON = {
    "excitation_energy": ("excitationenergy", "photonenergy"),
    "pass_energy": ("passenergy",),
    "dwell_time": ("dwelltime",),
    "lens_mode": ("lensmode",),
    "sweeps": ("numberofsweeps", "sweeps", "numberofscans"),
    "region": ("regionname", "spectrumname"),
    "sample": ("sample", "samplename"),
    "experimenter": ("user", "username"),
    "comment": ("comment", "comments"),
}
_TIMES = ("starttime", "date", "time", "acquisitiondate", "timestamp")


class VendorHdf5:
    """A `Reader` of HDF5 files whose root names Scienta or SPECS; a detector's files are none of ours."""

    def claims(self, head: bytes, name: str) -> bool:
        """Tell by the signature of HDF5."""
        return head.startswith(_SIGNATURE)

    def read(self, file: InstrumentFile) -> Acquisition:
        """Walk the groups. Raises IncompleteError while the file has no root."""
        try:
            with np.errstate(all="ignore"):
                return _read(file)
        except (IncompleteError, NotThisFormatError, UnreadableError):
            raise
        except MemoryError as error:
            raise UnreadableError(f"{file.path}: a size in it is not believable; it is damaged") from error
        except Exception as error:  # of a damaged file pyfive raises whatever its steps do
            why = f"{type(error).__name__} {error}".strip()
            raise IncompleteError(f"HDF5 cannot be read: {why}; it is being written, or damaged") from error


READER = VendorHdf5()


class _Stream:
    """A file as pyfive gets it, without its descriptor: with one, it is opened again by its name."""

    closed = False

    def __init__(self, file: InstrumentFile) -> None:
        self.path = str(file.path)
        self.read = file.read
        self.seek = file.seek
        self.tell = file.tell


def _read(file: InstrumentFile) -> Acquisition:
    root = pyfive.File(cast("BinaryIO", _Stream(file)))
    maker = _maker(dict(root.attrs))
    if maker is None:
        raise NotThisFormatError(f"{file.path}: its root names neither Scienta nor SPECS")
    sections, texts, problems = Sections(), dict[str, str](), list[str]()
    for path, values in _nodes(root, problems):
        for name, value in values:
            text = _text(value)
            if text is not None:
                sections.put(path or maker, name, text)
                texts.setdefault(_plain(name), text)
    span = Span()
    for name in _TIMES:
        span.add(moment(texts.get(name, "").replace("T", " ")))
    found = {name: _first(texts, keys) for name, keys in _COMMON.items()}
    quantities = ("excitation_energy", "pass_energy", "dwell_time", "sweeps")
    region = {name: number_or_text(text) if name in quantities else text for name, text in found.items()}
    return Acquisition(
        data_format=f"{maker} {FORMAT}",
        title=f"{maker} {found['region']}".strip(),
        metadata=sections.metadata({}),
        first_time=span.first,
        last_time=span.last,
        sample=found["sample"] or None,
        user=found["experimenter"] or None,
        instrument=maker,
        common=common([region]),
        problems=(*problems[:1], *sections.problems()),
        missing=_missing(file),
        has_end=False,  # the length may be there long before the data
    )


def _missing(file: InstrumentFile) -> str:
    """Return what the file's superblock says that is not there yet."""
    head = file.head()
    version = head[8]
    if version not in _LENGTHS or head[_SIZE_OF_OFFSETS[version]] != 8:
        return ""
    begin, length = (struct.unpack_from("<Q", head, at)[0] for at in _LENGTHS[version])
    if file.size < begin + length:
        return f"{file.size} of {begin + length} bytes are there"
    is_open = version == 3 and head[11] & _OPEN_FOR_WRITING
    return "its writer has not closed it yet" if is_open else ""


def _maker(attributes: dict[str, Any]) -> str | None:
    for name in _ROOT_NAMES:
        text = (_text(attributes.get(name)) or "").lower()
        for word, maker in _MAKERS.items():
            if word in text:
                return maker
    return None


def _nodes(root: Any, problems: list[str]) -> Iterator[tuple[str, list[tuple[str, Any]]]]:
    """Return for each group, by its path, the names and values of its attributes and single datasets."""
    waiting = [("", root, 0)]
    seen = 0
    while waiting and seen < MAX_NODES:
        path, group, depth = waiting.pop(0)
        values = list(dict(group.attrs).items())
        for name in list(group)[:MAX_NODES]:
            seen += 1
            below = f"{path}/{name}" if path else str(name)
            try:
                node = group.get_lazy_view(name)
                if isinstance(node, pyfive.Group):
                    if depth < MAX_DEPTH:
                        waiting.append((below, node, depth + 1))
                elif isinstance(node, pyfive.Dataset):
                    values += [(f"{name} {key}", value) for key, value in dict(node.attrs).items()]
                    if node.shape == ():
                        values.append((str(name), node[()]))
            except UnreadableError:
                raise
            except Exception as error:  # noqa: BLE001 - one damaged node must not hide the others
                problems.append(f"{below} cannot be read: {error}")
        yield path, values


def _text(value: Any) -> str | None:
    """Return a single value, or a short list, as text; None: it is another thing."""
    if isinstance(value, np.ndarray):
        if value.size == 1:
            value = value.reshape(-1)[0]
        elif value.ndim == 1 and value.size <= MAX_VALUES:
            value = value.tolist()
        else:
            return None
    if isinstance(value, list):
        return ", ".join(filter(None, map(_text, value)))[:MAX_SYMBOLS]
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace").strip("\0 ")[:MAX_SYMBOLS]
    if isinstance(value, str | bool | int | float | np.integer | np.floating | np.bool_):
        return str(value)[:MAX_SYMBOLS]
    return None


def _plain(name: str) -> str:
    return "".join(character for character in name.lower() if character.isalnum())


def _first(texts: dict[str, str], names: tuple[str, ...]) -> str:
    return next((texts[name] for name in names if texts.get(name)), "")
