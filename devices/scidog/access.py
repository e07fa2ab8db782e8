"""Who may edit the layers of defaults: hosts, and accounts of SciDog's own host by their uid."""

import socket
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from scidog.errors import AccessError
from scidog.model.layers import LayerNames
from scifish.threads.deadline import answer_within
from tangobase.client import Client

RESOLVES = 2.0  # seconds for the addresses of all hosts
LOOPBACK = frozenset({"127.0.0.1", "::1"})
Addresses = Callable[[str], frozenset[str]]


def addresses_of(host: str) -> frozenset[str]:
    """Return the addresses of a host; none when it is not known."""
    try:
        return frozenset(str(one[4][0]) for one in socket.getaddrinfo(host, None))
    except (OSError, UnicodeError):
        return frozenset()


@dataclass(frozen=True)
class DefaultsAccess:
    """Refuses edits of the layers to all but `editors`: uids, host names, addresses. None: all may."""

    layers: LayerNames
    editors: Sequence[str] = ()
    addresses: Addresses = addresses_of

    def check(self, name: str, client: Client) -> None:
        """Raise AccessError where a client may not edit the configuration of that name."""
        layer = next((layer for layer, default in self.layers if default == name), None)
        if layer is None or not self.editors or client.process is None or self._may(client):
            return
        raise AccessError(
            f"{name} is the {layer} layer of defaults, and {client} may not edit it; SciDog's property "
            f"DefaultsEditors names who may (uids of this host, hosts): {', '.join(self.editors)}"
        )

    def _may(self, client: Client) -> bool:
        if client.uid is not None and str(client.uid) in self.editors:
            return True
        hosts = [one for one in self.editors if not one.isdecimal()]
        if client.host is None or not hosts:
            return False
        try:
            return answer_within(RESOLVES, lambda: self._is_of(client, hosts), what="the name service")
        except TimeoutError:
            return client.host in hosts

    def _is_of(self, client: Client, hosts: Sequence[str]) -> bool:
        host = str(client.host)
        is_here = host == socket.gethostname()
        its = frozenset({host}) | (LOOPBACK | self.addresses(host) if is_here else frozenset())
        return any(one.lower() == host.lower() or its & (self.addresses(one) | {one}) for one in hosts)
