"""Webhooks that we send: signed, and never to a place that only we can reach."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, datetime

import pytest
from aiohttp import web
from standardwebhooks import Webhook

from functions.farebox.errors import InvalidRequest
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


async def send(url: str, *, is_local: bool = True, addresses: list[str] | None = None) -> str:
    async def resolve(_host: str, _port: int) -> list[str]:
        return ["127.0.0.1"] if addresses is None else addresses

    secret = new_secret()
    sender = WebhookSender(is_local=is_local, resolve=resolve)
    await sender.send(url, secret, "alert_1", {"type": "balance.low"}, datetime.now(UTC))
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
        "::1", "fe80::1", "fd00::1", "::ffff:10.0.0.1", "64:ff9b::a00:1", "2002:a00:1::",
    ],
)  # fmt: skip
async def test_a_host_with_a_private_address_is_not_connected_to(address: str) -> None:
    with pytest.raises(Undeliverable, match="public internet"):
        await send("https://hooks.example.com/", is_local=False, addresses=["93.184.215.14", address])


async def test_a_host_that_is_on_this_machine_is_reached_in_the_embedded_run_alone(receiver: Receiver) -> None:
    with pytest.raises(Undeliverable):
        await send(receiver.url, is_local=False)
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
        check_url(url, is_local=False)


async def test_a_server_that_is_not_there_is_no_delivery() -> None:
    with pytest.raises(Undeliverable):
        await send("http://127.0.0.1:9/")
