"""Network addresses: what one caller has, who is let in, and whose word about it counts."""

import pytest

from functions.farebox.kit.networks import caller_network, is_within, parse_network
from functions.farebox.kit.proxies import TrustedProxies


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("203.0.113.7", "203.0.113.7"),
        ("::ffff:203.0.113.7", "203.0.113.7"),
        ("2001:db8:1:1::7", "2001:db8:1:1::"),
        ("fe80::7%eth0", "fe80::"),
        ("testclient", "testclient"),
        ("", ""),
    ],
)
def test_one_caller_has_an_address_of_ipv4_or_a_network_of_ipv6(address: str, network: str) -> None:
    assert caller_network(address) == network


def test_an_address_is_in_its_networks_however_it_is_written() -> None:
    networks = [parse_network("203.0.113.0/24"), parse_network("2001:db8::/32")]
    for address in ("203.0.113.7", "::ffff:203.0.113.7", "2001:db8::7", "2001:db8::7%eth0"):
        assert is_within(address, networks)
    for address in ("198.51.100.7", "::203.0.113.7", "2001:db9::7", "nowhere", ""):
        assert not is_within(address, networks)


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("::ffff:203.0.113.7", "203.0.113.7/32"),
        (" ::ffff:203.0.113.0/120 ", "203.0.113.0/24"),
        ("::ffff:cb00:7107/128", "203.0.113.7/32"),
        ("::ffff:0:0/96", "0.0.0.0/0"),
        ("::/0", "::/0"),
        ("2001:db8::/32", "2001:db8::/32"),
    ],
)
def test_a_network_of_ipv4_that_is_written_as_ipv6_lets_in_its_ipv4(written: str, meant: str) -> None:
    assert str(parse_network(written)) == meant
    if "." in meant:
        for address in ("203.0.113.7", "::ffff:203.0.113.7"):
            assert is_within(address, [parse_network(written)])
            proxies = TrustedProxies.parse([written])
            assert proxies.client(address, ["198.51.100.7"]) == "198.51.100.7"


@pytest.mark.parametrize(
    ("peer", "forwarded", "client"),
    [
        ("198.51.100.7", ["203.0.113.9"], "198.51.100.7"),
        ("127.0.0.1", ["192.0.2.1, 203.0.113.9"], "203.0.113.9"),
        ("::ffff:127.0.0.1", ["192.0.2.1, 203.0.113.9"], "203.0.113.9"),
        ("127.0.0.1", ["192.0.2.1", "203.0.113.9, 10.0.0.4"], "203.0.113.9"),
        ("127.0.0.1", ["[2001:db8::7]:4711"], "2001:db8::7"),
        ("127.0.0.1", ["203.0.113.9:4711, ::ffff:10.0.0.4"], "203.0.113.9"),
        ("127.0.0.1", ["2001:db8::7%<script>"], "2001:db8::7"),
        ("127.0.0.1", ["192.0.2.1, unknown"], "127.0.0.1"),
        ("::ffff:198.51.100.7", [], "198.51.100.7"),
        ("", ["203.0.113.9"], ""),
    ],
)
def test_a_clients_address_is_what_trusted_proxies_say_of_it(peer: str, forwarded: list[str], client: str) -> None:
    proxies = TrustedProxies.parse(["127.0.0.1", "10.0.0.0/8"])
    assert proxies.client(peer, forwarded) == client


def test_proxies_that_are_counted_have_written_the_last_entries() -> None:
    proxies = TrustedProxies.parse(["2"])
    assert proxies.client("10.0.0.1", ["192.0.2.1, 203.0.113.9, 10.0.0.4"]) == "203.0.113.9"
    assert proxies.client("10.0.0.1", ["10.0.0.4"]) == "10.0.0.1", "too few: none of it counts"
