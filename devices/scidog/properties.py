"""SciDog's properties: where configurations are kept, and which of them are always recorded."""

from collections.abc import Callable
from pathlib import Path

from tango.server import device_property

from scidog.errors import PropertyError, SciDogError
from scidog.memory import ActiveMemory
from scidog.rules import Authority, Published
from scidog.stores.open_store import open_folder
from scifish.contract.configuration import Layer
from tangobase.starting_device import StartingDevice


class StoreProperties(StartingDevice):
    """A device with the properties of SciDog, which opens what they name."""

    WRONG = PropertyError
    PASSING = (SciDogError,)

    Store: str = device_property(
        dtype=str,
        default_value="",
        doc="Folder of YAML configurations, such as /var/lib/scizoo/scidog; it must exist",
    )
    StoreMarker: str = device_property(
        dtype=str,
        default_value="",
        doc="File that only the mounted Store has; without it Store is not used; empty: there is none",
    )
    StateFolder: str = device_property(
        dtype=str,
        default_value="",
        doc="Local folder that keeps what is active, also while Store is away; empty: .active in Store",
    )
    FacilityDefaults: str = device_property(
        dtype=str,
        default_value="",
        doc="Configuration that is always recorded, below the beamline's and the active one; empty: none",
    )
    BeamlineDefaults: str = device_property(
        dtype=str,
        default_value="",
        doc="Configuration that is always recorded, below the active one; empty: none",
    )
    LookPeriod: float = device_property(
        dtype=float,
        default_value=5.0,
        doc="Seconds between two looks at the store: for edited files, and for what other SciDogs saved",
    )

    def _opened(self, changed: Callable[[Published], None]) -> Authority:
        """Return the authority over the store that the properties name. Raises PropertyError."""
        if not self.Store:
            raise PropertyError("the property Store is empty; set it to the folder of the configurations")
        if self.LookPeriod <= 0:
            raise PropertyError(f"the property LookPeriod is {self.LookPeriod:g}; write seconds above 0")
        folder, name = Path(self.Store), f"{self.get_name().lower().replace('/', '_')}.json"
        store = open_folder(folder, self.StoreMarker)
        if self.StateFolder:
            memory = ActiveMemory(Path(self.StateFolder) / f"scidog-{name}")
        else:
            memory = ActiveMemory(folder / ".active" / name, store.check)
        layers: tuple[tuple[Layer, str], ...] = (
            ("facility", self.FacilityDefaults),
            ("beamline", self.BeamlineDefaults),
        )
        return Authority(store.library, store.take_in, memory, changed, layers)
