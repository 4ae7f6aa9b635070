"""Trusted proxies: whose word counts about where a request comes from.

A proxy adds the address of its own client to the end of `X-Forwarded-For`; what stands before that, anybody may have
written. So it is read from its end, and only as far as proxies that are trusted have written it.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from functions.farebox.kit.networks import Network, is_within, parse_network, read_address

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
        return cls(networks=tuple(parse_network(word) for word in words))

    def client(self, peer: str, forwarded: Sequence[str]) -> str:
        """The client's address: the one that is connected or, where that is a proxy of ours, the first before it
        that is none. `forwarded` are the header's values, in their order. Where one of ours could not name its client,
        nothing before that counts."""
        entries = [entry.strip() for value in forwarded for entry in value.split(",") if entry.strip()]
        if self.entries:
            told = entries[-self.entries] if len(entries) >= self.entries else peer
            return _address(told) or peer
        address = _address(peer) or peer
        for entry in reversed(entries):
            read = _address(entry) if is_within(address, self.networks) else None
            if read is None:
                break
            address = read
        return address


def _address(entry: str) -> str | None:
    """An address without the port that some proxies write: `203.0.113.7:4711`, `[2001:db8::1]:4711`."""
    bare = entry.removeprefix("[").partition("]")[0] if entry.startswith("[") else entry
    if bare.count(":") == 1:
        bare = bare.partition(":")[0]
    ip = read_address(bare)
    return None if ip is None else str(ip)
