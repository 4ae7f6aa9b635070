"""Keys that end everywhere, and rate windows that hold however many instances there are."""

import asyncio
import time
from collections.abc import Sequence
from contextlib import AsyncExitStack
from datetime import UTC, datetime
from pathlib import Path

import httpx

from functions.farebox.accounts.account import user_path
from functions.farebox.keys.api_key import key_path
from functions.farebox.kit.money import NANOS_PER_USD
from functions.farebox.ledger.book import post
from functions.farebox.ledger.wallet import Posting
from functions.farebox.limits.rate_windows import minute_of, seconds_left
from functions.farebox.storage import Store, Update
from functions.farebox.wiring.runtime import utc_now
from tests.support.clients.asgi import refused
from tests.support.clients.load import MODEL, Answer, ask, completion_of
from tests.support.money.customers import Customer, keys_of, open_customer
from tests.support.money.reconciliation import records_by_request
from tests.support.patience import PATIENCE_S
from tests.support.product.in_process import running
from tests.support.product.runtime import Clock
from tests.support.product.server_fleet import Fleet, Member
from tests.support.product.server_process import make_key, register
from tests.support.stand_ins.upstream import USAGE, StandIn, completion

PRICING = {MODEL: {"input_usd_per_1m": "1", "output_usd_per_1m": "2"}}
BODY = completion_of(max_tokens=12)
USED = USAGE["prompt_tokens"] + USAGE["completion_tokens"]  # tokens of each answer
EFFECTIVE_WITHIN_S = 5.0
BURST_S = 12.0  # more than a burst takes, on a slow machine too


async def wait_for_a_whole_burst_in_one_minute() -> None:
    left_s = seconds_left(minute_of(datetime.now(UTC)), datetime.now(UTC))
    if left_s < BURST_S:
        await asyncio.sleep(left_s + 0.1)


async def burst(fleet: Fleet, members: Sequence[Member], customer: Customer, name: str) -> list[Answer]:
    """Forty requests at once, spread over all processes; the answers that were not refused for their pace."""
    asking = [
        ask(fleet.client, members[n % len(members)].url, customer.bearer, f"{customer.uid}-{name}-{n}", BODY)
        for n in range(40)
    ]
    answers = await asyncio.gather(*asking)
    for answer in answers:
        if answer.status != 200:
            assert (answer.status, answer.json["error"]["code"]) == (429, "rate_limit_exceeded"), answer.body
            assert 1 <= int(answer.headers["retry-after"]) <= 24 * 3600
            assert "x-should-retry" not in answer.headers, "pace comes back by itself"
    return [answer for answer in answers if answer.status == 200]


async def test_rate_windows_are_never_exceeded_over_two_processes(firestore_url: str, tmp_path: Path) -> None:
    async with (
        StandIn() as upstream,
        Fleet(tmp_path, firestore_url, pricing=PRICING, upstreams=[upstream.entry()]) as fleet,
    ):
        members = await fleet.start(2)
        by_requests = await open_customer(fleet.store, "10", rpm=20)
        by_tokens = await open_customer(fleet.store, "10", tpm=30 * USED)
        by_day = await open_customer(fleet.store, "10", rpd=15)
        await wait_for_a_whole_burst_in_one_minute()
        minute = minute_of(datetime.now(UTC))
        served = {
            customer: sum([len(await burst(fleet, members, customer, name)) for name in ("first", "second")])
            for customer in (by_requests, by_tokens, by_day)
        }
        assert minute_of(datetime.now(UTC)) == minute, "the machine is too slow for this test"
        assert 10 <= served[by_requests] <= 20
        assert 8 <= served[by_day] <= 15
        tokens = [
            record["tokens"]["prompt"] + record["tokens"]["completion"]
            for record in (await records_by_request(fleet.store)).values()
            if record["user"] == by_tokens.uid
        ]
        assert len(tokens) == served[by_tokens] > 0
        assert sum(tokens) <= 30 * USED


async def test_what_is_left_of_a_minute_is_told_exactly_and_comes_back_with_the_next(store: Store) -> None:
    clock = Clock()
    customer = await open_customer(store, "10", now=clock, rpm=3, tpm=1000)
    async with StandIn() as upstream, running(store, pricing=PRICING, upstream=upstream, now=clock) as instance:

        def told_by(answer: httpx.Response) -> tuple[str, ...]:
            names = ("limit", "remaining", "reset")
            return tuple(answer.headers[f"x-ratelimit-{name}-{of}"] for of in ("requests", "tokens") for name in names)

        async def told() -> tuple[str, ...]:
            answer = await instance.ask(customer.bearer, BODY)
            assert answer.status_code == 200, answer.text
            return told_by(answer)

        assert await told() == ("3", "2", "1m0s", "1000", str(1000 - USED), "1m0s")
        clock.forward(seconds=30)
        assert await told() == ("3", "1", "30s", "1000", str(1000 - 2 * USED), "30s")
        assert await told() == ("3", "0", "30s", "1000", str(1000 - 3 * USED), "30s")
        answer = await instance.ask(customer.bearer, BODY)
        refused(answer, 429, "rate_limit_exceeded")
        in_messages = await instance.client.post("/v1/messages", json=BODY, headers=customer.bearer)
        for refusal in (answer, in_messages):
            assert (refusal.status_code, refusal.headers["retry-after"]) == (429, "30")
            assert told_by(refusal) == ("3", "0", "30s", "1000", str(1000 - 3 * USED), "30s")
        clock.forward(seconds=30)
        assert await told() == ("3", "2", "1m0s", "1000", str(1000 - USED), "1m0s")
        assert len(upstream.requests) == 4


async def test_a_full_day_is_refused_until_midnight(sqlite_store: Store) -> None:
    clock = Clock()
    customer = await open_customer(sqlite_store, "10", now=clock, rpd=2)
    async with StandIn() as upstream, running(sqlite_store, pricing=PRICING, upstream=upstream, now=clock) as instance:
        for _ in range(2):
            assert (await instance.ask(customer.bearer, BODY)).status_code == 200
        answer = await instance.ask(customer.bearer, BODY)
        refused(answer, 429, "rate_limit_exceeded")
        assert answer.headers["retry-after"] == str(12 * 3600)
        clock.forward(hours=12)
        assert (await instance.ask(customer.bearer, BODY)).status_code == 200


async def test_a_rotated_key_works_at_once_and_the_old_one_until_its_grace_ends(sqlite_store: Store) -> None:
    clock = Clock()
    customer = await open_customer(sqlite_store, "10", now=clock)
    async with AsyncExitStack() as stack:
        upstream = await stack.enter_async_context(StandIn())
        instances = [
            await stack.enter_async_context(running(sqlite_store, pricing=PRICING, upstream=upstream, now=clock))
            for _ in range(2)
        ]
        for instance in instances:
            assert (await instance.ask(customer.bearer, BODY)).status_code == 200
        _, text = await keys_of(sqlite_store, clock).rotate(customer.uid, customer.key_id, grace_s=60)
        renewed = {"authorization": f"Bearer {text}"}
        for instance in instances:
            assert (await instance.ask(renewed, BODY)).status_code == 200
            assert (await instance.ask(customer.bearer, BODY)).status_code == 200
        clock.forward(seconds=60)
        for instance in instances:
            refused(await instance.ask(customer.bearer, BODY), 401, "invalid_api_key")
            assert (await instance.ask(renewed, BODY)).status_code == 200


async def seconds_until_refused(
    fleet: Fleet, members: Sequence[Member], bearer: dict[str, str], refusal: tuple[int, str]
) -> float:
    """How long after now the last process has answered a request; each is asked again until well after it refuses."""
    begun_s = time.monotonic()

    async def last_answer(member: Member) -> float:
        answered_s = begun_s
        while time.monotonic() < begun_s + EFFECTIVE_WITHIN_S + 1:
            asked_s = time.monotonic()
            answer = await ask(fleet.client, member.url, bearer, "again", BODY)
            if answer.status == 200:
                answered_s = asked_s
            else:
                assert (answer.status, answer.json["error"]["code"]) == refusal
            await asyncio.sleep(0.1)
        return answered_s

    return max(await asyncio.gather(*map(last_answer, members))) - begun_s


async def test_revoked_keys_and_suspended_accounts_are_refused_by_every_process_within_five_seconds(
    firestore_url: str, tmp_path: Path
) -> None:
    async with (
        StandIn() as upstream,
        Fleet(tmp_path, firestore_url, pricing=PRICING, upstreams=[upstream.entry()]) as fleet,
    ):
        members = await fleet.start(2)
        suspended, idle = [await open_customer(fleet.store, "1") for _ in range(2)]
        with httpx.Client(base_url=members[0].url, timeout=PATIENCE_S) as accounts:
            uid, owner = register(accounts)
            revoked = make_key(accounts, owner)
        await post(fleet.store, uid, utc_now(), Posting("credit", "topup", NANOS_PER_USD, "Credit"))
        for member in members:
            for bearer in (revoked, suspended.bearer, idle.bearer):
                assert (await ask(fleet.client, member.url, bearer, "first", BODY)).status == 200
        async with httpx.AsyncClient(base_url=members[0].url, headers=owner, timeout=PATIENCE_S) as management:
            [key] = (await management.get("/api/keys")).json()["data"]
            assert (await management.delete(f"/api/keys/{key['id']}")).status_code == 200
        await fleet.store.write(Update(user_path(suspended.uid), {"status": "suspended"}))
        await keys_of(fleet.store).revoke(idle.uid, idle.key_id)
        lasted_s = await asyncio.gather(
            seconds_until_refused(fleet, members, revoked, (401, "invalid_api_key")),
            seconds_until_refused(fleet, members, suspended.bearer, (403, "account_suspended")),
        )
        assert max(lasted_s) < EFFECTIVE_WITHIN_S
        for member in members:
            answer = await ask(fleet.client, member.url, idle.bearer, "last", BODY)
            assert answer.status == 401, "a key that nobody has used since is not remembered for longer"


async def test_a_request_in_flight_does_not_write_a_revoked_key_back(store: Store) -> None:
    customer = await open_customer(store, "10")
    async with StandIn() as upstream, running(store, pricing=PRICING, upstream=upstream) as instance:
        upstream.script(completion(), completion(delay_s=0.5))
        assert (await instance.ask(customer.bearer, BODY)).status_code == 200
        asking = asyncio.create_task(instance.ask(customer.bearer, BODY))
        await upstream.asked(2)
        await keys_of(store).revoke(customer.uid, customer.key_id)
        revoked = await store.get(key_path(customer.key_id))
        assert (await asking).status_code == 200
        await instance.stop()
        assert await store.get(key_path(customer.key_id)) == revoked
        assert revoked is not None and revoked.data["state"] == "revoked"
