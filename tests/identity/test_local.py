import asyncio
import re
from collections.abc import Awaitable

import pytest
from argon2 import PasswordHasher

from functions.farebox.errors import Conflict, FareboxError, RateLimited, Unauthenticated
from functions.farebox.identity.local import LOGINS, LocalIdentity
from functions.farebox.storage import Query, Store, Update
from tests.support.runtimes import Clock

EMAIL = "ada@example.com"
PASSWORD = "a long password"


async def refusal(call: Awaitable[object]) -> tuple[type[FareboxError], str, str]:
    with pytest.raises(FareboxError) as caught:
        await call
    return type(caught.value), caught.value.code, caught.value.message


async def mailed_token(store: Store) -> str:
    """The token of the latest mail."""
    [mail, *_] = await store.query(Query("mail", order_by="created_at", descending=True))
    found = re.search(r"token=(\S+)", mail.data["message"]["text"])
    assert found is not None
    return found[1]


async def test_registering_signs_in_and_opens_the_account(identity: LocalIdentity, store: Store) -> None:
    session = await identity.register("Ada@Example.com", PASSWORD, "Ada")
    person = await identity.verify(session.token)
    assert person == session.person
    assert (person.email, person.email_verified, person.is_admin) == (EMAIL, False, False)
    wallet, user = await store.get_many(f"wallets/{person.uid}", f"users/{person.uid}")
    assert wallet is not None
    assert user is not None
    assert (wallet.data["balance"], user.data["full_name"]) == (1_000_000_000, "Ada")


async def test_an_address_has_one_account_however_it_is_written(identity: LocalIdentity) -> None:
    await identity.register(EMAIL, PASSWORD)
    assert (await refusal(identity.register(" ADA@example.com", PASSWORD)))[:2] == (Conflict, "email_taken")


async def test_of_registrations_at_once_one_succeeds_and_leaves_nothing_else(
    identity: LocalIdentity, store: Store
) -> None:
    outcomes = await asyncio.gather(*(identity.register(EMAIL, PASSWORD) for _ in range(4)), return_exceptions=True)
    assert sum(isinstance(outcome, Conflict) for outcome in outcomes) == 3
    for collection in ("users", "wallets", "credentials", "emails"):
        assert await store.count(collection) == 1


async def test_login_takes_the_password_and_nothing_else(identity: LocalIdentity) -> None:
    registered = await identity.register(EMAIL, PASSWORD)
    session = await identity.login("ADA@example.com", PASSWORD)
    assert session.person == registered.person
    wrong = await refusal(identity.login(EMAIL, "another password"))
    unknown = await refusal(identity.login("bob@example.com", PASSWORD))
    assert wrong == unknown
    assert wrong[:2] == (Unauthenticated, "invalid_credentials")


async def test_an_account_without_a_password_cannot_be_entered(identity: LocalIdentity) -> None:
    await identity.create_user(EMAIL, None)
    assert (await refusal(identity.login(EMAIL, "")))[1] == "invalid_credentials"


async def test_guessing_is_stopped_for_known_and_unknown_addresses_alike_also_in_parallel(
    identity: LocalIdentity, clock: Clock
) -> None:
    await identity.register(EMAIL, PASSWORD)
    for email in (EMAIL, "bob@example.com"):
        guesses = (identity.login(email, f"guess number {n}") for n in range(LOGINS.tries + 3))
        outcomes = await asyncio.gather(*guesses, return_exceptions=True)
        assert sum(isinstance(outcome, Unauthenticated) for outcome in outcomes) == LOGINS.tries
        assert sum(isinstance(outcome, RateLimited) for outcome in outcomes) == 3
    with pytest.raises(RateLimited) as caught:
        await identity.login(EMAIL, PASSWORD)
    assert 0 < caught.value.retry_after_s <= 300
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
    person = (await identity.register(EMAIL, PASSWORD)).person
    await identity.send_verification(person)
    [mail] = await store.query(Query("mail"))
    assert mail.data["to"] == EMAIL
    token = await mailed_token(store)
    for _ in range(2):
        await identity.confirm_verification(token)
    assert (await identity.login(EMAIL, PASSWORD)).person.email_verified


async def test_an_administrator_is_one_only_with_a_verified_address(identity: LocalIdentity, store: Store) -> None:
    session = await identity.register("root@example.com", PASSWORD)
    assert not session.person.is_admin
    await identity.send_verification(session.person)
    await identity.confirm_verification(await mailed_token(store))
    assert (await identity.verify(session.token)).is_admin


async def test_a_reset_sets_a_new_password_once_and_ends_every_session(
    identity: LocalIdentity, store: Store, clock: Clock
) -> None:
    session = await identity.register(EMAIL, PASSWORD)
    await identity.send_password_reset(EMAIL)
    token = await mailed_token(store)
    clock.forward(minutes=1)
    await identity.confirm_password_reset(token, "another password")
    for ended in (
        identity.verify(session.token),
        identity.refresh(session.refresh_token),
        identity.confirm_password_reset(token, "a third password"),
    ):
        assert (await refusal(ended))[1] == "invalid_token"
    assert (await refusal(identity.login(EMAIL, PASSWORD)))[1] == "invalid_credentials"
    assert (await identity.login(EMAIL, "another password")).person.email_verified


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
