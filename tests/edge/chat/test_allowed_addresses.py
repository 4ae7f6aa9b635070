"""A key that names addresses is served to these alone, whatever a client says of its own."""

from typing import Any

import httpx
import pytest

from functions.farebox.kit.networks import is_within, parse_network
from functions.farebox.storage import Store, Update
from tests.support.clients.asgi import refused
from tests.support.money.customers import Customer, open_customer
from tests.support.product.in_process import Instance, running

HELLO: dict[str, Any] = {"role": "user", "content": "Hello"}
CALLS: dict[str, dict[str, Any] | None] = {
    "/v1/chat/completions": {"model": "echo", "messages": [HELLO]},
    "/v1/completions": {"model": "echo", "prompt": "Hello"},
    "/v1/embeddings": {"model": "echo-embedding", "input": "Hello"},
    "/v1/messages": {"model": "echo", "messages": [HELLO], "max_tokens": 20},
    "/v1/messages/count_tokens": {"model": "echo", "messages": [HELLO]},
    "/v1/responses": {"model": "echo", "input": "Hello"},
    "/v1/models": None,
    "/v1/models/echo": None,
    "/v1/key": None,
    "/v1/credits": None,
}


async def bound(store: Store, instance: Instance, *networks: str) -> Customer:
    await instance.runtime.data_plane()
    customer = await open_customer(store, "1")
    await store.write(Update(f"api_keys/{customer.key_id}", {"allowed_ips": list(networks)}))
    return customer


async def call(
    instance: Instance, customer: Customer, path: str, peer: str, forwarded: str | None = None
) -> httpx.Response:
    headers = {**customer.bearer, **({} if forwarded is None else {"x-forwarded-for": forwarded})}
    transport = httpx.ASGITransport(instance.app, client=(peer, 1234))
    async with httpx.AsyncClient(transport=transport, base_url="http://farebox.test") as client:
        body = CALLS[path]
        return await client.request("GET" if body is None else "POST", path, headers=headers, json=body)


async def test_every_call_is_served_to_an_address_that_the_key_names_and_refused_to_others(sqlite_store: Store) -> None:
    async with running(sqlite_store) as instance:
        customer = await bound(sqlite_store, instance, "203.0.113.0/24", "2001:db8::1")
        for path in CALLS:
            for peer in ("203.0.113.7", "2001:db8::1", "::ffff:203.0.113.8"):
                assert (await call(instance, customer, path, peer)).status_code == 200
            for peer in ("203.0.114.7", "2001:db8::2", "testclient"):
                answer = await call(instance, customer, path, peer, forwarded="203.0.113.7")
                assert (answer.status_code, answer.json()["error"]["code"]) == (403, "ip_not_allowed")


@pytest.mark.parametrize(
    ("proxies", "forwarded", "is_served"),
    [
        ("1", "203.0.113.7", True),
        ("1", "198.51.100.1, 203.0.113.7", True),
        ("1", "203.0.113.7, 198.51.100.1", False),
        ("10.0.0.0/8", "203.0.113.7, 10.1.1.1", True),
        ("10.0.0.0/8", "203.0.113.7, 198.51.100.1", False),
    ],
)
async def test_behind_proxies_it_is_what_they_say_that_counts(
    sqlite_store: Store, proxies: str, forwarded: str, is_served: bool
) -> None:
    async with running(sqlite_store, FAREBOX_TRUSTED_PROXIES=proxies) as instance:
        customer = await bound(sqlite_store, instance, "203.0.113.7")
        answer = await call(instance, customer, "/v1/key", "10.0.0.2", forwarded)
        assert answer.status_code == (200 if is_served else 403)


async def test_the_owner_of_a_key_says_where_it_may_be_used_from(sqlite_store: Store) -> None:
    async with running(sqlite_store) as instance:
        account = {"email": "ada@example.com", "password": "a long password"}
        token = (await instance.client.post("/api/auth/register", json=account)).json()["token"]
        bearer = {"authorization": f"Bearer {token}"}
        asked = {"name": "k", "allowed_ips": ["203.0.113.7", "2001:DB8::/32", "203.0.113.7"]}
        made = (await instance.client.post("/api/keys", json=asked, headers=bearer)).json()
        assert made["allowed_ips"] == ["203.0.113.7/32", "2001:db8::/32"]
        path = f"/api/keys/{made['id']}"
        freed = await instance.client.patch(path, json={"allowed_ips": None}, headers=bearer)
        assert freed.json()["allowed_ips"] is None
        for wrong in ([], ["localhost"], ["203.0.113.7/24"], ["1.2.3"], ["::1"] * 101, "203.0.113.7"):
            answer = await instance.client.patch(path, json={"allowed_ips": wrong}, headers=bearer)
            refused(answer, 400, answer.json()["error"]["code"], answer.json()["error"]["param"])
            assert answer.json()["error"]["param"].startswith("allowed_ips")


def test_what_is_no_address_is_in_no_network() -> None:
    everywhere = [parse_network("0.0.0.0/0"), parse_network("::/0")]
    assert is_within("192.0.2.1", everywhere)
    assert not any(is_within(address, everywhere) for address in ("", "testclient", "192.0.2.1:80"))
