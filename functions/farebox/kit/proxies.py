"""Trusted proxies: whose word counts about where a request comes from.

A proxy adds the address of its own client to the end of `X-Forwarded-For`; what stands before that, anybody may have
written. So it is read from its end, and only as far as proxies that are trusted have written it.
"""

import ipaddress
from collections.abc import Sequence
from dataclasses import dataclass

Network = ipaddress.IPv4Network | ipaddress.IPv6Network
MOST_PROXIES = 10


@dataclass(frozen=True, slots=True)
class TrustedProxies:
    """The proxies in front: by their `networks`, or by how many entries they have added at the end (`entries`)."""

    entries: int = 0
    networks: tuple[Network, ...] = ()

    @classmethod
    def parse(cls, words: Sequence[str]) -> "TrustedProxies":
        """From a number of entries, or addresses and networks. Raises `ValueError`."""
        if len(words) == 1 and words[0].isascii() and words[0].isdecimal():
            if int(words[0]) > MOST_PROXIES:
                raise ValueError(f"write at most {MOST_PROXIES} entries")
            return cls(entries=int(words[0]))
        return cls(networks=tuple(ipaddress.ip_network(word) for word in words))

    def client(self, peer: str, forwarded: Sequence[str]) -> str:
        """The client's address: the one that is connected or, where that is a proxy of ours, the first before it
        that is none. `forwarded` are the header's values, in their order."""
        entries = [entry.strip() for value in forwarded for entry in value.split(",") if entry.strip()]
        if self.entries:
            told = entries[-self.entries] if len(entries) >= self.entries else peer
            return _address(told) or peer
        address = peer
        for entry in reversed(entries):
            if not self._trusts(address):
                break
            address = _address(entry) or address
        return address

    def _trusts(self, address: str) -> bool:
        try:
            ip = ipaddress.ip_address(address)
        except ValueError:
            return False
        return any(ip in network for network in self.networks)


def _address(entry: str) -> str | None:
    """An address without the port that some proxies write: `203.0.113.7:4711`, `[2001:db8::1]:4711`."""
    bare = entry.removeprefix("[").partition("]")[0] if entry.startswith("[") else entry
    if bare.count(":") == 1:
        bare = bare.partition(":")[0]
    try:
        return str(ipaddress.ip_address(bare))
    except ValueError:
        return None
