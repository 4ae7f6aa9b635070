import asyncio
import re

from argon2 import PasswordHasher

from functions.farebox.errors import Conflict, RateLimited
from functions.farebox.identity.local.identity import LocalIdentity
from functions.farebox.limits.throttle import LOGINS
from functions.farebox.storage import Query, Store, Update
from tests.support.library_errors import refusal
from tests.support.product.runtime import Clock

EMAIL = "ada@example.com"
PASSWORD = "a long password"


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


async def test_who_has_guessed_too_often_may_try_again_in_five_minutes(identity: LocalIdentity, clock: Clock) -> None:
    await identity.register(EMAIL, PASSWORD)
    for n in range(LOGINS.tries):
        await refusal(identity.login(EMAIL, f"guess number {n}"))
    assert (await refusal(identity.login(EMAIL, PASSWORD)))[0] is RateLimited
    clock.forward(minutes=5)
    assert (await identity.login(EMAIL, PASSWORD)).person.email == EMAIL


async def test_a_successful_login_starts_the_count_over(identity: LocalIdentity) -> None:
    await identity.register(EMAIL, PASSWORD)
    for _ in range(2):
        for n in range(LOGINS.tries - 1):
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
    assert (await refusal(identity.refresh(second.refresh_token)))[1] == "invalid_token"


async def test_a_mail_proves_the_address_once_and_for_all(identity: LocalIdentity, store: Store) -> None:
    session = await identity.register(EMAIL, PASSWORD)
    await identity.send_verification(session.token)
    [mail] = await store.query(Query("mail"))
    assert mail.data["to"] == EMAIL
    token = await mailed_token(store)
    for _ in range(2):
        await identity.confirm_verification(token)
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
        identity.confirm_verification(token),
        identity.confirm_password_reset(session.token, PASSWORD),
    ):
        assert (await refusal(misuse))[1] == "invalid_token"
    clock.forward(hours=1)
    assert (await refusal(identity.confirm_password_reset(token, "another password")))[1] == "invalid_token"
