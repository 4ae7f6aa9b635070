"""Outgoing webhooks: signed, to addresses that users give, and never to a place that only we can reach.

Signed as Standard Webhooks say (https://www.standardwebhooks.com). An address is https, its host is looked up once,
every address that it has must be public, and the connection goes to one of those: a name that resolves to something
else a moment later (DNS rebinding) changes nothing. No redirect is followed. In the embedded run, and there alone, an
administrator may also have them sent to the very machine, over http.

Whoever gives an address learns of a delivery nothing but the status that was answered, or that none was: else it would
tell what there is in a network that only we can reach. What went wrong is in the log.
"""

import asyncio
import base64
import ipaddress
import logging
import secrets
import socket
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from typing import Any
from urllib.parse import SplitResult, urlsplit

import httpx
import orjson
from standardwebhooks import Webhook

from functions.farebox.errors import InvalidRequest
from functions.farebox.notifications.public_addresses import is_public

TIMEOUT_S = 10.0
SECRET_BYTES = 24
MAX_URL_LENGTH = 2000

log = logging.getLogger("farebox.webhooks")

Resolve = Callable[[str, int], Awaitable[list[str]]]  # a host and a port; its IP addresses


class Undeliverable(Exception):
    """A webhook did not arrive. The message says what its owner may know."""


async def resolve(host: str, port: int) -> list[str]:
    """The IP addresses of a host."""
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [str(address[0]) for _, _, _, _, address in found]


def new_secret() -> str:
    """A secret to sign with, in the form that Standard Webhooks give it."""
    return "whsec_" + base64.b64encode(secrets.token_bytes(SECRET_BYTES)).decode()


def check_url(url: str, *, may_stay_here: bool) -> SplitResult:
    """The parts of an address that webhooks may be sent to; on this machine where they may stay here.

    Raises `InvalidRequest`.
    """
    parts = _split(url)
    on_this_machine = may_stay_here and parts is not None and _is_loopback(parts.hostname or "")
    allowed = ("https", "http") if on_this_machine else ("https",)
    if parts is None or not parts.hostname or parts.scheme not in allowed or parts.username or parts.password:
        raise InvalidRequest(
            "Write an address that begins with https:// and has no name or password in it.",
            code="invalid_value",
            param="webhook_url",
        )
    return parts


class WebhookSender:
    """Sends webhooks. `is_local` is the embedded run."""

    def __init__(self, *, is_local: bool, resolve: Resolve = resolve) -> None:
        self._is_local = is_local
        self._resolve = resolve

    async def send(
        self,
        url: str,
        secret: str,
        message_id: str,
        body: Mapping[str, Any],
        now: datetime,
        *,
        may_stay_here: bool = False,
    ) -> None:
        """Deliver one message: done if it returns. The same message bears the same id, however often it is sent.

        `may_stay_here`: an administrator gave the address, so that in the embedded run it may be this machine's.
        Raises `Undeliverable`, for anything but an answer of 2xx within `TIMEOUT_S` seconds.
        """
        try:
            async with asyncio.timeout(TIMEOUT_S):
                await self._send(url, secret, message_id, _to_json(body), now, may_stay_here and self._is_local)
        except (TimeoutError, httpx.HTTPError, OSError, InvalidRequest) as error:
            log.info("the webhook %s did not arrive: %s: %s", message_id, type(error).__name__, error)
            raise Undeliverable("it did not answer") from error

    async def _send(
        self, url: str, secret: str, message_id: str, text: str, now: datetime, may_stay_here: bool
    ) -> None:
        parts = check_url(url, may_stay_here=may_stay_here)
        host, port = parts.hostname or "", parts.port or (443 if parts.scheme == "https" else 80)
        address = await self._public_address(host, port, may_stay_here)
        headers = {
            "host": parts.netloc,
            "content-type": "application/json",
            "user-agent": "Farebox",
            "webhook-id": message_id,
            "webhook-timestamp": str(int(now.timestamp())),
            "webhook-signature": Webhook(secret).sign(message_id, now, text),
        }
        shown = f"[{address}]" if ":" in address else address
        target = httpx.URL(parts.geturl()).copy_with(host=shown.strip("[]"), fragment=None)
        async with (
            httpx.AsyncClient(trust_env=False, follow_redirects=False, timeout=TIMEOUT_S) as client,
            client.stream("POST", target, content=text, headers=headers, extensions={"sni_hostname": host}) as answer,
        ):
            if not answer.is_success:
                raise Undeliverable(f"it answered {answer.status_code}")

    async def _public_address(self, host: str, port: int, may_stay_here: bool) -> str:
        """An address to connect to, if all that the host has are allowed. Raises `OSError`."""
        addresses = await self._resolve(host, port)
        for address in addresses:
            ip = ipaddress.ip_address(address.partition("%")[0])
            if not is_public(ip) and not (may_stay_here and ip.is_loopback):
                raise OSError("its host is not on the public internet")
        if not addresses:
            raise OSError("its host has no address")
        return addresses[0]


def _to_json(body: Mapping[str, Any]) -> str:
    """A message as JSON, moments in it as RFC 3339 has them."""
    return orjson.dumps(body).decode()


def _split(url: str) -> SplitResult | None:
    try:
        parts = urlsplit(url)
        _ = parts.port  # raises where it is no number
    except ValueError:
        return None
    is_printable = url.isascii() and url.isprintable() and " " not in url
    return parts if is_printable and len(url) <= MAX_URL_LENGTH else None


def _is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
