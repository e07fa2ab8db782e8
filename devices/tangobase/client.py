"""Who asks, as far as Tango tells: where the client is and its process, not its account."""

import pwd
import re
import socket
from pathlib import Path

from pydantic import BaseModel, ConfigDict

ADDRESS = re.compile(r"giop:tcp:\[?(?:::ffff:)?(?P<ip>[^\]]+?)\]?:\d+")
UNIX = "giop:unix:"


class Client(BaseModel):
    """A client of the device; uid and account only of a process of this host. All None: the device itself."""

    model_config = ConfigDict(frozen=True)
    host: str | None = None
    process: int | None = None
    uid: int | None = None
    account: str | None = None

    def __str__(self) -> str:
        """Return it in a few words."""
        if self.process is None:
            return "the device itself"
        who = f"{self.account or self.uid}, " if self.uid is not None else ""
        return f"{who}process {self.process} on {self.host}"


ITSELF = Client()


def client_of(endpoint: str, process: int) -> Client:
    """Return the client behind omniORB's endpoint, such as ``giop:tcp:10.0.0.7:42000``; asks no DNS."""
    found = ADDRESS.fullmatch(endpoint)
    address = found["ip"] if found else ""
    if not (endpoint.startswith(UNIX) or _is_here(address)):
        return Client(host=address or endpoint, process=process)
    try:
        uid = Path(f"/proc/{process}").stat().st_uid
    except OSError:  # it has ended
        return Client(host=socket.gethostname(), process=process)
    return Client(host=socket.gethostname(), process=process, uid=uid, account=_account(uid))


def _is_here(address: str) -> bool:
    """Tell whether an address is this host's: only then something can be bound to it."""
    if not address:  # anything could be bound to it
        return False
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    try:
        with socket.socket(family, socket.SOCK_DGRAM) as tried:
            tried.bind((address, 0))
    except OSError:
        return False
    return True


def _account(uid: int) -> str | None:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return None
