"""Which network addresses are the public internet's: none that a registry sets apart, and none that holds another.

The registries are IANA's, as of 2026: https://www.iana.org/assignments/iana-ipv4-special-registry and
https://www.iana.org/assignments/iana-ipv6-special-registry, with multicast. Python's own `ipaddress` knows some of
them, and others in each version, so that what is refused here would depend on where it runs.
"""

import ipaddress
from typing import Final

Address = ipaddress.IPv4Address | ipaddress.IPv6Address

_SPECIAL_V4: Final = tuple(
    map(
        ipaddress.IPv4Network,
        (
            "0.0.0.0/8",  # "this network"
            "10.0.0.0/8",  # private
            "100.64.0.0/10",  # shared by carriers
            "127.0.0.0/8",  # loopback
            "169.254.0.0/16",  # link-local, and metadata of clouds
            "172.16.0.0/12",  # private
            "192.0.0.0/24",  # protocol assignments, with the few in it that are global: nobody receives there
            "192.0.2.0/24",  # documentation
            "192.31.196.0/24",  # AS112
            "192.52.193.0/24",  # AMT
            "192.88.99.0/24",  # relays of 6to4, which lead anywhere
            "192.168.0.0/16",  # private
            "192.175.48.0/24",  # AS112
            "198.18.0.0/15",  # benchmarks
            "198.51.100.0/24",  # documentation
            "203.0.113.0/24",  # documentation
            "224.0.0.0/4",  # multicast
            "240.0.0.0/4",  # reserved, with the broadcast
        ),
    )
)
_GLOBAL_V6: Final = ipaddress.IPv6Network("2000::/3")  # all that is given out for unicast: RFC 4291, section 2.4
_SPECIAL_V6: Final = tuple(
    map(
        ipaddress.IPv6Network,
        (
            "2001::/23",  # protocol assignments: Teredo, benchmarks, AMT, AS112, ORCHID, drones
            "2001:db8::/32",  # documentation
            "2002::/16",  # 6to4: an IPv4 address follows
            "2620:4f:8000::/48",  # AS112
            "3fff::/20",  # documentation
        ),
    )
)


def is_public(address: Address) -> bool:
    """Whether an address is one of the public internet's, and no other address in disguise.

    All of IPv6 that holds an IPv4 address is refused, whichever that is: mapped and compatible ones and NAT64
    (64:ff9b::/96, 64:ff9b:1::/48) lie outside of 2000::/3, 6to4 and Teredo are among the special ranges.
    """
    if isinstance(address, ipaddress.IPv4Address):
        return not any(address in network for network in _SPECIAL_V4)
    return address in _GLOBAL_V6 and not any(address in network for network in _SPECIAL_V6)
