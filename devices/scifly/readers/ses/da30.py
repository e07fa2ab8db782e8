"""Maps of the DA30 that SES writes as `.zip`: only the `.ini` members are read, the data never unpacked."""

import configparser
import struct
import zipfile
import zlib

from scifly.errors import IncompleteError, NotThisFormatError, UnreadableError
from scifly.readers.acquisition import Acquisition
from scifly.readers.header_text import number_or_text
from scifly.readers.instrument_file import InstrumentFile
from scifly.readers.ses.note import BEGIN, MAX_NOTE, Axis, Note, acquisition_of

FORMAT = "Scienta SES DA30 map"
VIEWER = "viewer.ini"
MAX_DIRECTORY = 1 << 20  # bytes of the archive's list of members
_END = struct.Struct("<4sHHHHIIH")
_END_MARK = b"PK\x05\x06"
_LONGEST_COMMENT = 1 << 16  # bytes behind the end's record
_PLAIN = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)  # others may ask for gigabytes to unpack
MAX_REGIONS = 100
_SIDES = ("width", "height", "depth")


class Da30Map:
    """A `Reader` of DA30 maps."""

    def claims(self, head: bytes, name: str) -> bool:
        """Tell whether the file is a zip archive."""
        return head.startswith(b"PK\x03\x04")

    def read(self, file: InstrumentFile) -> Acquisition:
        """Read each region's settings and axes. Raises IncompleteError while the archive has no end."""
        if _directory_size(file) > MAX_DIRECTORY:
            raise NotThisFormatError(f"{file.path}: has more members than a map of SES")
        try:
            with zipfile.ZipFile(file) as archive:
                notes = _notes(archive) if VIEWER in archive.namelist() else None
        except UnreadableError:
            raise
        except zipfile.BadZipFile as error:
            raise IncompleteError(f"the archive is not whole, or damaged: {error}") from error
        except (
            OSError,
            ValueError,
            KeyError,
            NotImplementedError,
            RuntimeError,
            EOFError,
            zlib.error,
        ) as error:
            raise UnreadableError(f"{file.path}: its archive is damaged: {error}; write it again") from error

        if notes is None:
            raise NotThisFormatError(f"{file.path}: has no {VIEWER}; it is no map of SES")
        return acquisition_of(notes, FORMAT, "")


READER = Da30Map()


def _directory_size(file: InstrumentFile) -> int:
    """Return the bytes of the list of members. Raises IncompleteError while it is not there."""
    file.seek(max(0, file.size - _END.size - _LONGEST_COMMENT))
    tail = file.read(_END.size + _LONGEST_COMMENT)
    at = tail.rfind(_END_MARK)
    if at < 0 or len(tail) - at < _END.size:
        raise IncompleteError("the archive has no list of its members yet")
    *_, members, size, _, _ = _END.unpack_from(tail, at)
    if not members or not size:
        raise IncompleteError("the end of the archive is zeros: it is being copied")
    return int(size)


def _notes(archive: zipfile.ZipFile) -> list[Note]:
    viewer = _ini(_member(archive, VIEWER))
    regions = viewer.get("viewer", "region_list", fallback="").split(";")[:MAX_REGIONS]
    notes = []
    for region in filter(None, map(str.strip, regions)):
        path = viewer.get(f"viewer.{region}", "ini_path", fallback="")
        text = _member(archive, path) if path in archive.namelist() else b""
        name = viewer.get(f"viewer.{region}", "name", fallback="")
        notes.append(Note(text or BEGIN + b"\nRegion Name=" + name.encode(), _axes(archive, name)))
    return notes


def _axes(archive: zipfile.ZipFile, region: str) -> tuple[Axis, ...]:
    """Return the sides of a region's data that have more than one point."""
    member = f"Spectrum_{region}.ini"
    if member not in archive.namelist():
        return ()
    spectrum = _ini(_member(archive, member))
    axes = []
    for side in _SIDES:
        size, first, step = (
            number_or_text(spectrum.get("spectrum", key, fallback="").strip())
            for key in (side, f"{side}offset", f"{side}delta")
        )
        label = spectrum.get("spectrum", f"{side}label", fallback="")
        if isinstance(size, int) and size > 1 and not isinstance(first, str) and not isinstance(step, str):
            axes.append(Axis(" ".join(label.split()), size, first, step))
    return tuple(axes)


def _member(archive: zipfile.ZipFile, name: str) -> bytes:
    """Return a member, at most `MAX_NOTE` bytes, whatever its size says."""
    if archive.getinfo(name).compress_type not in _PLAIN:
        raise UnreadableError(f"the member {name} is packed as SES never does; write the archive again")
    with archive.open(name) as member:
        return member.read(MAX_NOTE)


def _ini(text: bytes) -> configparser.RawConfigParser:
    """Parse one of SES's ini files: keys repeat, and lines without a value are there."""
    parser = configparser.RawConfigParser(strict=False, allow_no_value=True, interpolation=None)
    try:
        parser.read_string(text.decode("latin-1"))
    except configparser.Error as error:
        raise UnreadableError(f"an ini member is damaged: {error}".splitlines()[0]) from error
    return parser
