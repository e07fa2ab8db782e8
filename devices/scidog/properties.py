"""SciDog's properties: where configurations are kept, and which of them are always recorded."""

from collections.abc import Callable
from pathlib import Path

from tango.server import device_property

from scidog.access import DefaultsAccess
from scidog.errors import SciDogError
from scidog.memory import ActiveMemory
from scidog.published import Published
from scidog.rules import Authority
from scidog.stores.open_store import OpenStore, is_mongodb, open_store
from scifish.contract.configuration import Layer
from tangobase.client import Client
from tangobase.errors import PropertyError
from tangobase.starting_device import StartingDevice


class StoreProperties(StartingDevice):
    """A device with the properties of SciDog, which opens what they name."""

    PASSING = (SciDogError,)

    Store: str = device_property(
        dtype=str,
        default_value="",
        doc="Folder of YAML configurations, such as /var/lib/scizoo/scidog, which must exist; or a database: "
        "mongodb://host/scidog",
    )
    StorePasswordFile: str = device_property(
        dtype=str,
        default_value="",
        doc="File that holds the password of the user that Store names (mongodb://user@host/scidog)",
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
    DefaultsEditors: list[str] = device_property(
        dtype=(str,),
        default_value=[],
        doc="Who may edit FacilityDefaults and BeamlineDefaults: uids of SciDog's own host (1000), hosts; "
        "empty: all clients",
    )
    LookPeriod: float = device_property(
        dtype=float,
        default_value=5.0,
        doc="Seconds between two looks at the store: for edited files, and for what other SciDogs saved",
    )

    def _opened(self, changed: Callable[[Published], None]) -> tuple[OpenStore, Authority]:
        """Return the store that the properties name, and the authority over it. Raises PropertyError."""
        if not self.Store:
            raise PropertyError("the property Store is empty; set it to the folder of the configurations")
        if is_mongodb(self.Store) and not self.StateFolder:
            raise PropertyError("the property StateFolder is empty; a store in MongoDB needs a local folder")
        if self.LookPeriod <= 0:
            raise PropertyError(f"the property LookPeriod is {self.LookPeriod:g}; write seconds above 0")
        name = f"{self.get_name().lower().replace('/', '_')}.json"
        store = open_store(self.Store, self.StoreMarker, self.StorePasswordFile)
        if self.StateFolder:
            memory = ActiveMemory(Path(self.StateFolder) / f"scidog-{name}")
        else:
            memory = ActiveMemory(Path(self.Store) / ".active" / name, store.check)
        return store, Authority(store.library, store.take_in, memory, changed, self._layers())

    def _layers(self) -> tuple[tuple[Layer, str], ...]:
        return ("facility", self.FacilityDefaults), ("beamline", self.BeamlineDefaults)

    def _check_edit(self, name: str, client: Client) -> None:
        """Raise AccessError where the client may not edit the configuration of that name."""
        editors = [one.strip() for one in self.DefaultsEditors if one.strip()]
        DefaultsAccess(self._layers(), editors).check(name, client)
