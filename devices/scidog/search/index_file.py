"""The index on the disk: last known attributes, also of devices that did not run since SciDog's start."""

import logging
from collections.abc import Iterable
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from scidog.search.known_device import KnownAttribute, KnownDevice, ListedDevice, known_device
from scifish.common.durable import replace_file
from scifish.common.log_once import LogOnce

logger = logging.getLogger(__name__)
VERSION = 1
DAMAGED = ".damaged"
_Header = TypeAdapter(tuple[int, str])
_Line = TypeAdapter(tuple[ListedDevice, tuple[KnownAttribute, ...], float | None])


class IndexFile:
    """A line for each device below a header with the Tango database that they are in.

    Nothing is lost without it: the devices are asked again. So errors are logged, and not raised.
    """

    def __init__(self, path: Path, database: str) -> None:
        self.path = path
        self._database = database
        self._once = LogOnce(logger)

    def read(self) -> list[KnownDevice]:
        """Return the devices as they were known last; a damaged file is set aside."""
        try:
            lines = self.path.read_bytes().splitlines()
        except FileNotFoundError:
            return []
        except OSError as error:
            logger.warning("%s: cannot be read (%s); the devices are asked anew", self.path, error.strerror)
            return []
        devices: list[KnownDevice] = []
        number = 1
        try:
            version, database = _Header.validate_json(lines[0] if lines else b"")
            if (version, database) != (VERSION, self._database):
                return []  # of another database, or of another SciDog: it is written anew
            for line in lines[1:]:
                number += 1
                listed, attributes, asked = _Line.validate_json(line)
                devices.append(known_device(listed, "unknown", attributes, asked))
        except ValidationError:
            self._set_aside(number)
            return []
        return devices

    def write(self, devices: Iterable[KnownDevice]) -> None:
        """Keep what is known now."""
        lines = [_Header.dump_json((VERSION, self._database))]
        lines += [_Line.dump_json((one.listed, one.attributes, one.asked)) for one in devices]
        try:
            replace_file(self.path, b"\n".join(lines) + b"\n")
        except OSError as error:
            self._once.report(
                "write",
                f"{self.path}: cannot be written ({error.strerror}): after a restart the attributes of "
                "devices that do not run are not found; check the folder's rights and its disk",
            )
        else:
            self._once.over(f"{self.path}: is written again")

    def _set_aside(self, number: int) -> None:
        aside = self.path.with_name(self.path.name + DAMAGED)
        try:
            self.path.replace(aside)
        except OSError as error:
            kept = f"it could not be set aside ({error.strerror})"
        else:
            kept = f"it is kept as {aside.name}"
        logger.warning("%s: line %d is damaged; %s, and the devices are asked anew", self.path, number, kept)
