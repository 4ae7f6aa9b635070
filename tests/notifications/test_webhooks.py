"""Webhooks that we send: signed, and never to a place that only we can reach."""

import ipaddress
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, datetime

import pytest
from aiohttp import web
from standardwebhooks import Webhook

from functions.farebox.errors import InvalidRequest
from functions.farebox.notifications.public_addresses import is_public
from functions.farebox.notifications.webhooks import Undeliverable, WebhookSender, check_url, new_secret


@dataclass
class Receiver:
    """A server that takes webhooks, and answers as it is told to."""

    url: str = ""
    status: int = 200
    location: str | None = None
    got: list[tuple[dict[str, str], bytes]] = field(default_factory=list)

    async def take(self, request: web.Request) -> web.Response:
        self.got.append(({name.lower(): value for name, value in request.headers.items()}, await request.read()))
        headers = {"location": self.location} if self.location else {}
        return web.Response(status=self.status, headers=headers)


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    receiver = Receiver()
    app = web.Application()
    app.router.add_post("/{path:.*}", receiver.take)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    receiver.url = f"http://127.0.0.1:{runner.addresses[0][1]}/hook"
    yield receiver
    await runner.cleanup()


async def send(
    url: str, *, is_local: bool = True, may_stay_here: bool = True, addresses: list[str] | None = None
) -> str:
    async def resolve(_host: str, _port: int) -> list[str]:
        return ["127.0.0.1"] if addresses is None else addresses

    secret = new_secret()
    sender = WebhookSender(is_local=is_local, resolve=resolve)
    message = {"type": "balance.low"}
    await sender.send(url, secret, "alert_1", message, datetime.now(UTC), may_stay_here=may_stay_here)
    return secret


async def test_a_message_is_signed_as_standard_webhooks_say(receiver: Receiver) -> None:
    secret = await send(receiver.url)
    [(headers, body)] = receiver.got
    assert Webhook(secret).verify(body, headers) == {"type": "balance.low"}
    assert headers["webhook-id"] == "alert_1"
    assert headers["host"] == receiver.url.split("/")[2]


@pytest.mark.parametrize("status", [301, 302, 307, 400, 500])
async def test_anything_but_2xx_is_no_delivery_and_no_redirect_is_followed(receiver: Receiver, status: int) -> None:
    receiver.status, receiver.location = status, receiver.url + "/elsewhere"
    with pytest.raises(Undeliverable, match=str(status)):
        await send(receiver.url)
    assert len(receiver.got) == 1


@pytest.mark.parametrize(
    "address",
    [
        "10.0.0.1", "192.168.1.1", "172.16.0.1", "169.254.169.254", "100.64.0.1", "0.0.0.0", "224.0.0.1", "127.0.0.1",
        "192.0.0.9", "192.0.0.192", "192.0.2.1", "192.31.196.1", "192.52.193.1", "192.88.99.1", "192.175.48.1",
        "198.18.0.1", "198.19.255.255", "198.51.100.1", "203.0.113.1", "240.0.0.1", "255.255.255.255", "239.1.1.1",
        "::", "::1", "::10.0.0.1", "::8.8.8.8", "::ffff:10.0.0.1", "::ffff:8.8.8.8", "::ffff:0:a00:1",
        "64:ff9b::a00:1", "64:ff9b::808:808", "64:ff9b:1::a00:1", "100::1", "100:0:0:1::1", "2001::1",
        "2001:0:808:808::1", "2001:1::1", "2001:2::1", "2001:3::1", "2001:4:112::1", "2001:10::1", "2001:20::1",
        "2001:30::1", "2001:db8::1", "2002:a00:1::", "2002:808:808::1", "2620:4f:8000::1", "3fff::1", "5f00::1",
        "fc00::1", "fd00::1", "fe80::1", "fe80::1%eth0", "fec0::1", "ff02::1", "4000::1",
    ],
)  # fmt: skip
async def test_a_host_with_an_address_that_is_set_apart_is_not_connected_to(
    address: str, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level("INFO"), pytest.raises(Undeliverable, match=r"^it did not answer$"):
        await send("https://hooks.example.com/", addresses=["93.184.215.14", address], may_stay_here=False)
    assert "not on the public internet" in caplog.text


@pytest.mark.parametrize(
    "address", ["8.8.8.8", "192.0.1.1", "198.17.0.1", "223.255.255.255", "2606:4700::1111", "2003::1"]
)
def test_an_address_of_the_public_internet_is_one(address: str) -> None:
    assert is_public(ipaddress.ip_address(address))


@pytest.mark.parametrize(("is_local", "may_stay_here"), [(False, True), (True, False)])
async def test_this_machine_is_reached_in_the_embedded_run_and_by_administrators_alone(
    receiver: Receiver, is_local: bool, may_stay_here: bool
) -> None:
    with pytest.raises(Undeliverable, match=r"^it did not answer$"):
        await send(receiver.url, is_local=is_local, may_stay_here=may_stay_here)
    assert receiver.got == []


@pytest.mark.parametrize(
    "url",
    [
        "http://hooks.example.com/", "ftp://hooks.example.com/", "https://user:pass@hooks.example.com/", "https://",
        "https://a b.example.com/", "https://hooks.example.com:port/", "javascript:alert(1)", "file:///etc/passwd",
        "http://127.0.0.1/", "https://example.com/\nhost: x",
    ],
)  # fmt: skip
def test_an_address_that_is_no_plain_https_is_refused(url: str) -> None:
    with pytest.raises(InvalidRequest):
        check_url(url, may_stay_here=False)


async def test_of_a_server_that_is_not_there_no_more_is_told_than_of_one_that_is_silent() -> None:
    with pytest.raises(Undeliverable, match=r"^it did not answer$"):
        await send("http://127.0.0.1:9/")
