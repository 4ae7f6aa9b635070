"""Network addresses, and networks of them: those that somebody is let in from, as `203.0.113.7`, `203.0.113.0/24` or
`2001:db8::/32`, and those that one caller has."""

import ipaddress
from collections.abc import Iterable

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network

_MAPPED_BITS = 96  # of `::ffff:0:0/96`, which stand before an IPv4 address (RFC 4291)


def read_address(text: str) -> Address | None:
    """An address; `None` for what is none. An IPv4 address that came over IPv6 (`::ffff:203.0.113.7`) is that, and the
    zone of an IPv6 address (`%eth0`), which means something on its own machine alone, is left out."""
    try:
        ip = ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return None
    return ip.ipv4_mapped or ip if isinstance(ip, ipaddress.IPv6Address) else ip


def parse_network(text: str) -> Network:
    """An address, or a range of them in CIDR form. Raises `ValueError`, also where bits of the host are set: whoever
    wrote that meant one address or another range. IPv4 in IPv6 (`::ffff:203.0.113.0/120`) is read as the IPv4 that it
    is, as `read_address` does."""
    network = ipaddress.ip_network(text.strip())
    mapped = network.network_address.ipv4_mapped if isinstance(network, ipaddress.IPv6Network) else None
    if mapped is None or network.prefixlen < _MAPPED_BITS:
        return network
    return ipaddress.ip_network((mapped, network.prefixlen - _MAPPED_BITS))


def caller_network(address: str) -> str:
    """What one caller has at will: a whole /64 of IPv6 (RFC 6177), or one address of IPv4. What is no address, as it
    stands."""
    ip = read_address(address)
    if ip is None:
        return address
    if isinstance(ip, ipaddress.IPv6Address):
        return str(ipaddress.ip_network((ip, 64), strict=False).network_address)
    return str(ip)


def is_within(address: str, networks: Iterable[Network]) -> bool:
    """Whether an address is in one of them. What is none, is in none."""
    ip = read_address(address)
    return ip is not None and any(ip in network for network in networks)
