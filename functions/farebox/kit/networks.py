"""Networks: the addresses that somebody is let in from, as `203.0.113.7`, `203.0.113.0/24` or `2001:db8::/32`, and
those that one caller has."""

import ipaddress
from collections.abc import Iterable

Network = ipaddress.IPv4Network | ipaddress.IPv6Network


def parse_network(text: str) -> Network:
    """An address, or a range of them in CIDR form. Raises `ValueError`, also where bits of the host are set: whoever
    wrote that meant one address or another range."""
    return ipaddress.ip_network(text.strip())


def caller_network(address: str) -> str:
    """What one caller has at will: a whole /64 of IPv6 (RFC 6177), or one address of IPv4. What is no address, as it
    stands."""
    try:
        ip = ipaddress.ip_address(address)
    except ValueError:
        return address
    if isinstance(ip, ipaddress.IPv6Address) and ip.ipv4_mapped is None:
        return str(ipaddress.ip_network((ip, 64), strict=False).network_address)
    return str(ip)


def is_within(address: str, networks: Iterable[Network]) -> bool:
    """Whether an address is in one of them. What is none, is in none. An IPv4 address that came over IPv6 is that."""
    try:
        ip = ipaddress.ip_address(address)
    except ValueError:
        return False
    if isinstance(ip, ipaddress.IPv6Address) and ip.ipv4_mapped is not None:
        ip = ip.ipv4_mapped
    return any(ip in network for network in networks)
