"""A configuration whose devices are looked at, and what is said of it so far."""

from collections import Counter
from collections.abc import Iterable

from scidog.advice.advice import Seen, by_device, of_device, of_document, under_other_names
from scifish.contract.attribute_name import MAIN, split
from scifish.contract.configuration import Configuration


class LookedAt:
    """Keeps what is said of each item, so that a device's answer costs no more than its own items."""

    def __init__(self, configuration: Configuration) -> None:
        self.configuration = configuration
        self._begin = f"{configuration.name} revision {configuration.revision}, "
        self._items = by_device(configuration)
        self._of_itself = tuple(f"{self._begin}{text}" for text in of_document(configuration))
        self._of_devices: dict[str, tuple[tuple[int, str], ...]] = {}
        self._seen: dict[str, Seen] = {}
        self.warnings = self._lines()

    @property
    def unseen(self) -> tuple[str, ...]:
        """Devices that were not looked at; the last item's is first, who added that waits for it."""
        return tuple(one for one in self._items if one not in self._seen)

    def has(self, device: str) -> bool:
        """Tell whether an item is of that device, as its name is written."""
        return device in self._items

    def saw(self, device: str, seen: Seen) -> None:
        """Take what a look at a device found."""
        self._seen[device] = seen
        self._of_devices[device] = self._numbered(of_device(self._items[device], seen))
        self.warnings = self._lines()

    def _lines(self) -> tuple[str, ...]:
        doubled = self._numbered(under_other_names(self.configuration, self._names()))
        of_items = sorted([*(one for told in self._of_devices.values() for one in told), *doubled])
        return (*self._of_itself, *(line for _, line in of_items))

    def _numbered(self, told: Iterable[tuple[int, str]]) -> tuple[tuple[int, str], ...]:
        return tuple((number, f"{self._begin}item {number}: {text}") for number, text in told)

    def _names(self) -> dict[tuple[str, str], str]:
        """Return the full names of attributes that may be written in several ways."""
        written = Counter(one.device for one in self._seen.values())
        found = {}
        for device, seen in self._seen.items():
            keys = [split(item.attribute) for _, item in self._items[device]]
            if seen.device and (written[seen.device] > 1 or (device, MAIN) in keys):
                named = {key: seen.main if key[1] == MAIN else key[1] for key in keys}
                found.update({key: f"{seen.device}/{name}".lower() for key, name in named.items() if name})
        return found
