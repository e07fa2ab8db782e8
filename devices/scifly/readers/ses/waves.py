"""SES's Igor files: a wave alone (`.ibw`), or one after another in a packed experiment (`.pxt`)."""

import struct

from scifly.errors import IncompleteError, NotThisFormatError
from scifly.readers.acquisition import Acquisition
from scifly.readers.instrument_file import InstrumentFile
from scifly.readers.ses import note, peak
from scifly.readers.ses.igor import Wave, is_wave, read_wave

WAVE_FORMAT = "Scienta SES Igor wave"
PACKED_FORMAT = "Scienta SES packed Igor experiment"
_RECORD = struct.Struct("<Hhi")
_WAVE_RECORD = 3
ZEROS = "its end is all zeros: it is being copied"
MAX_WAVES = 1000


class SesWave:
    """A `Reader` of one wave, with SES's note or with PEAK's."""

    def claims(self, head: bytes, name: str) -> bool:
        """Tell whether the file begins as a wave does."""
        return is_wave(head)

    def read(self, file: InstrumentFile) -> Acquisition:
        """Read the note and the axes, from behind the data."""
        wave = read_wave(file)
        missing = "" if file.size >= wave.length else f"{file.size} of {wave.length} bytes are there"
        missing = missing if wave.ends else ZEROS
        if wave.note.text.startswith(note.BEGIN):
            return note.acquisition_of([wave.note], WAVE_FORMAT, missing)
        if peak.is_note(wave.note.text):
            return peak.acquisition_of(wave.note, missing)
        raise NotThisFormatError(
            f"{file.path}: is a wave of Igor, but not of SES: its note does not begin with [SES]"
        )


class SesPacked:
    """A `Reader` of a packed experiment: before each wave stands a record that gives its length."""

    def claims(self, head: bytes, name: str) -> bool:
        """Tell whether the file begins with the record of a wave."""
        return head[:2] == b"\x03\x00" and is_wave(head[_RECORD.size :])

    def read(self, file: InstrumentFile) -> Acquisition:
        """Read the notes of all waves; each is a region."""
        waves: list[Wave] = []
        at, missing = 0, ""
        while at < file.size and len(waves) < MAX_WAVES and not missing:
            file.seek(at)
            record = file.read(_RECORD.size)
            if len(record) < _RECORD.size:
                missing = "the last record is not whole"
                break
            kind, _, length = _RECORD.unpack(record)
            if not any(record) or (waves and not length):
                missing = f"region {len(waves) + 1}: {ZEROS}"
                break
            if length <= 0:
                raise NotThisFormatError(
                    f"{file.path}: a record of {length} bytes; it is damaged, or not of SES"
                )
            at += _RECORD.size
            if kind == _WAVE_RECORD:
                try:
                    waves.append(read_wave(file, at))
                except IncompleteError as error:
                    missing = f"region {len(waves) + 1}: {error}"
                except NotThisFormatError:
                    if not waves:
                        raise
                    missing = f"region {len(waves) + 1}: its header is not whole, or damaged"
            at += length
        if at > file.size and not missing:
            missing = f"region {len(waves)}: {file.size} of {at} bytes are there"
        if not missing and waves and not waves[-1].ends:
            missing = f"region {len(waves)}: {ZEROS}"
        strange = [n for n, wave in enumerate(waves, 1) if not wave.note.text.startswith(note.BEGIN)]
        if strange and strange[0] > 1:
            missing = f"region {strange[0]}: its note is not whole, or damaged"
        elif strange:
            raise NotThisFormatError(f"{file.path}: is a packed experiment of Igor, but not of SES")
        notes = [wave.note for wave in waves[: strange[0] - 1 if strange else None]]
        return note.acquisition_of(notes, PACKED_FORMAT, missing)


WAVE = SesWave()
PACKED = SesPacked()
