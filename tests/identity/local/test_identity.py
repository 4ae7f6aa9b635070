import asyncio
import re

import pytest
from argon2 import PasswordHasher

from functions.farebox.errors import Conflict, RateLimited, Unauthenticated
from functions.farebox.identity import Visitor
from functions.farebox.identity.guards import GUESSES, MAILS, SWARM
from functions.farebox.identity.local.identity import LocalIdentity
from functions.farebox.storage import Query, Store, Update
from tests.support.library_errors import refusal
from tests.support.product.runtime import Clock

EMAIL = "ada@example.com"
PASSWORD = "a long password"
AT_HOME, STRANGER = Visitor("198.51.100.7", "a browser"), Visitor("203.0.113.200")


async def mailed_token(store: Store) -> str:
    """The token of the latest mail."""
    [mail, *_] = await store.query(Query("mail", order_by="created_at", descending=True))
    found = re.search(r"token=(\S+)", mail.data["message"]["text"])
    assert found is not None
    return found[1]


async def test_of_registrations_at_once_one_succeeds_and_leaves_nothing_else(
    identity: LocalIdentity, store: Store
) -> None:
    outcomes = await asyncio.gather(*(identity.register(EMAIL, PASSWORD) for _ in range(4)), return_exceptions=True)
    assert sum(isinstance(outcome, Conflict) for outcome in outcomes) == 3
    for collection in ("users", "wallets", "credentials", "emails"):
        assert await store.count(collection) == 1


async def test_who_guesses_waits_ever_longer_and_five_minutes_at_most(identity: LocalIdentity, clock: Clock) -> None:
    await identity.register(EMAIL, PASSWORD)
    waits = []
    for n in range(GUESSES.free + 12):
        with pytest.raises(Unauthenticated):
            await identity.login(EMAIL, f"guess number {n}", visitor=STRANGER)
        try:
            await identity.login(EMAIL, f"guess number {n}", visitor=STRANGER)
        except RateLimited as slow:
            waits.append(slow.retry_after_s)
            clock.forward(seconds=slow.retry_after_s)
        except Unauthenticated:
            pass
    assert waits == sorted(waits)
    assert (waits[0], waits[-1]) == (1, 300)
    assert (await identity.login(EMAIL, PASSWORD, visitor=STRANGER)).person.email == EMAIL


async def test_a_stranger_who_guesses_locks_nobody_but_themselves_out(identity: LocalIdentity) -> None:
    await identity.register(EMAIL, PASSWORD, visitor=AT_HOME)
    for n in range(GUESSES.free + 5):
        await refusal(identity.login(EMAIL, f"guess number {n}", visitor=STRANGER))
    assert (await refusal(identity.login(EMAIL, PASSWORD, visitor=STRANGER)))[0] is RateLimited
    for visitor in (AT_HOME, Visitor("192.0.2.77"), Visitor("2001:db8::1")):
        assert (await identity.login(EMAIL, PASSWORD, visitor=visitor)).person.email == EMAIL


async def test_guesses_from_everywhere_hold_a_right_password_up_for_seconds_and_not_at_all_where_it_is_known(
    identity: LocalIdentity,
) -> None:
    await identity.register(EMAIL, PASSWORD, visitor=AT_HOME)
    refusals = [
        await refusal(identity.login(EMAIL, "a guess", visitor=Visitor(f"203.0.113.{n}")))
        for n in range(SWARM.free + 9)
    ]
    assert {kind for kind, *_ in refusals} == {Unauthenticated, RateLimited}
    with pytest.raises(RateLimited) as slow:
        await identity.login(EMAIL, PASSWORD, visitor=Visitor("192.0.2.77"))
    assert slow.value.retry_after_s <= 10
    assert (await identity.login(EMAIL, PASSWORD, visitor=AT_HOME)).person.email == EMAIL


async def test_a_whole_network_of_ipv6_is_one_caller(identity: LocalIdentity) -> None:
    await identity.register(EMAIL, PASSWORD)
    outcomes = [
        await refusal(identity.login(EMAIL, "a guess", visitor=Visitor(f"2001:db8::{n:x}")))
        for n in range(GUESSES.free + 1)
    ]
    assert outcomes[-1][0] is RateLimited


async def test_a_limit_of_one_kind_of_mail_stops_no_other_and_a_callers_stops_nobody_else(
    identity: LocalIdentity, store: Store
) -> None:
    session = await identity.register(EMAIL, PASSWORD)
    for _ in range(MAILS.tries):
        await identity.send_password_reset(EMAIL, visitor=STRANGER)
    assert (await refusal(identity.send_password_reset(EMAIL, visitor=STRANGER)))[0] is RateLimited
    await identity.send_password_reset(EMAIL, visitor=AT_HOME)
    await identity.send_verification(session.token, visitor=STRANGER)
    assert await store.count("mail") == MAILS.tries + 2


async def test_a_successful_login_starts_the_count_over(identity: LocalIdentity) -> None:
    await identity.register(EMAIL, PASSWORD)
    for _ in range(2):
        for n in range(GUESSES.free - 1):
            await refusal(identity.login(EMAIL, f"guess number {n}"))
        await identity.login(EMAIL, PASSWORD)


async def test_a_hash_with_old_parameters_is_renewed_at_login(identity: LocalIdentity, store: Store) -> None:
    person = (await identity.register(EMAIL, PASSWORD)).person
    old = PasswordHasher(time_cost=1, memory_cost=1024, parallelism=1).hash(PASSWORD)
    await store.write(Update(f"credentials/{person.uid}", {"password_hash": old}))
    await identity.login(EMAIL, PASSWORD)
    credentials = await store.get(f"credentials/{person.uid}")
    assert credentials is not None
    assert credentials.data["password_hash"] != old
    assert (await identity.login(EMAIL, PASSWORD)).person == person


async def test_a_token_lives_for_an_hour(identity: LocalIdentity, clock: Clock) -> None:
    session = await identity.register(EMAIL, PASSWORD)
    assert session.expires_in_s == 3600
    clock.forward(seconds=3599)
    await identity.verify(session.token)
    clock.forward(seconds=1)
    assert (await refusal(identity.verify(session.token)))[1] == "invalid_token"


async def test_a_refresh_token_works_once_and_its_second_use_ends_the_session(
    identity: LocalIdentity, clock: Clock
) -> None:
    first = await identity.register(EMAIL, PASSWORD)
    clock.forward(minutes=50)
    second = await identity.refresh(first.refresh_token)
    assert second.person == first.person
    clock.forward(minutes=50)
    await identity.verify(second.token)
    assert (await refusal(identity.refresh(first.refresh_token)))[1] == "invalid_token"
    for ended in (identity.refresh(second.refresh_token), identity.verify(second.token), identity.verify(first.token)):
        assert (await refusal(ended))[1] == "invalid_token"


async def test_a_mail_proves_the_address_once_and_for_all(identity: LocalIdentity, store: Store) -> None:
    session = await identity.register(EMAIL, PASSWORD)
    await identity.send_verification(session.token)
    [mail] = await store.query(Query("mail"))
    assert mail.data["to"] == EMAIL
    token = await mailed_token(store)
    for _ in range(2):
        await identity.confirm_verification(token, session.person)
    assert (await identity.login(EMAIL, PASSWORD)).person.email_verified


async def test_of_two_resets_with_one_token_one_counts(identity: LocalIdentity, store: Store) -> None:
    await identity.register(EMAIL, PASSWORD)
    await identity.send_password_reset(EMAIL)
    token = await mailed_token(store)
    outcomes = await asyncio.gather(
        *(identity.confirm_password_reset(token, f"password number {n}") for n in range(3)), return_exceptions=True
    )
    assert sum(outcome is None for outcome in outcomes) == 1
    assert all(isinstance(outcome, Conflict) for outcome in outcomes if outcome is not None)


async def test_a_reset_tells_nothing_about_an_address(identity: LocalIdentity, store: Store) -> None:
    await identity.register(EMAIL, PASSWORD)
    for email in (EMAIL, "bob@example.com"):
        for _ in range(5):
            await identity.send_password_reset(email)
        assert (await refusal(identity.send_password_reset(email)))[0] is RateLimited
    assert await store.count("mail") == 5


async def test_a_mailed_token_expires_and_serves_its_own_purpose_only(
    identity: LocalIdentity, store: Store, clock: Clock
) -> None:
    session = await identity.register(EMAIL, PASSWORD)
    await identity.send_password_reset(EMAIL)
    token = await mailed_token(store)
    for misuse in (
        identity.verify(token),
        identity.confirm_verification(token, session.person),
        identity.confirm_password_reset(session.token, PASSWORD),
    ):
        assert (await refusal(misuse))[1] == "invalid_token"
    clock.forward(hours=1)
    assert (await refusal(identity.confirm_password_reset(token, "another password")))[1] == "invalid_token"
