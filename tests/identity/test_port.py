"""What holds of every identity provider."""

import asyncio

import pytest

from functions.farebox.errors import Conflict, RateLimited, Unauthenticated
from functions.farebox.limits.throttle import LOGINS, MAILS
from tests.identity.conftest import Provider
from tests.support.fixtures.accounts import BONUS
from tests.support.library_errors import refusal

PASSWORD = "a long password"


async def test_registering_signs_in_and_opens_the_account(provider: Provider) -> None:
    session = await provider.identity.register(provider.email.title(), PASSWORD, "Ada")
    person = await provider.identity.verify(session.token)
    assert person == session.person
    assert (person.email, person.email_verified, person.is_admin) == (provider.email, False, False)
    assert session.expires_in_s == 3600
    wallet, user = await provider.store.get_many(f"wallets/{person.uid}", f"users/{person.uid}")
    assert wallet is not None
    assert user is not None
    assert (wallet.data["balance"], user.data["full_name"], user.data["email"]) == (BONUS, "Ada", provider.email)


async def test_an_address_has_one_account_however_it_is_written(provider: Provider) -> None:
    await provider.identity.register(provider.email, PASSWORD)
    again = await refusal(provider.identity.register(f" {provider.email.upper()}", PASSWORD))
    assert again[:2] == (Conflict, "email_taken")


async def test_registrations_at_once_make_one_account(provider: Provider) -> None:
    registering = (provider.identity.register(provider.email, PASSWORD) for _ in range(4))
    outcomes = await asyncio.gather(*registering, return_exceptions=True)
    sessions = [outcome for outcome in outcomes if not isinstance(outcome, Conflict)]
    assert sessions
    assert not [session for session in sessions if isinstance(session, BaseException)]
    for collection in ("users", "wallets"):
        assert await provider.store.count(collection) == 1


async def test_login_takes_the_password_and_nothing_else(provider: Provider) -> None:
    registered = await provider.identity.register(provider.email, PASSWORD)
    assert (await provider.identity.login(provider.email.upper(), PASSWORD)).person == registered.person
    wrong = await refusal(provider.identity.login(provider.email, "another password"))
    unknown = await refusal(provider.identity.login(f"x{provider.email}", PASSWORD))
    assert wrong == unknown
    assert wrong[:2] == (Unauthenticated, "invalid_credentials")


async def test_an_account_without_a_password_cannot_be_entered(provider: Provider) -> None:
    await provider.identity.create_user(provider.email, None)
    assert (await refusal(provider.identity.login(provider.email, "")))[1] == "invalid_credentials"


async def test_making_a_user_with_an_id_again_changes_nothing_and_another_id_is_refused(provider: Provider) -> None:
    uid = f"u{provider.email[:16]}"
    made = await provider.identity.create_user(provider.email, PASSWORD, "Ada", uid=uid)
    assert await provider.identity.create_user(provider.email, "another password", uid=uid) == made
    assert (await provider.identity.login(provider.email, PASSWORD)).person == made
    other = await refusal(provider.identity.create_user(provider.email, PASSWORD, uid=f"{uid}x"))
    assert other[:2] == (Conflict, "email_taken")
    assert await provider.store.count("users") == 1


async def test_guessing_is_stopped_for_known_and_unknown_addresses_alike_also_in_parallel(provider: Provider) -> None:
    await provider.identity.register(provider.email, PASSWORD)
    for email in (provider.email, f"x{provider.email}"):
        guesses = (provider.identity.login(email, f"guess number {n}") for n in range(LOGINS.tries + 3))
        outcomes = await asyncio.gather(*guesses, return_exceptions=True)
        assert sum(isinstance(outcome, Unauthenticated) for outcome in outcomes) == LOGINS.tries
        assert sum(isinstance(outcome, RateLimited) for outcome in outcomes) == 3
    with pytest.raises(RateLimited) as caught:
        await provider.identity.login(provider.email, PASSWORD)
    assert 0 < caught.value.retry_after_s <= 300


async def test_a_session_is_renewed_with_its_refresh_token(provider: Provider) -> None:
    first = await provider.identity.register(provider.email, PASSWORD)
    second = await provider.identity.refresh(first.refresh_token)
    assert second.person == first.person == await provider.identity.verify(second.token)
    for forged in ("forged", first.token):
        assert (await refusal(provider.identity.refresh(forged)))[1] == "invalid_token"


@pytest.mark.parametrize("token", ["", "forged", "a.b.c", "eyJhbGciOiJub25lIn0.e30."])
async def test_what_is_no_token_is_refused(provider: Provider, token: str) -> None:
    for live in (False, True):
        assert (await refusal(provider.identity.verify(token, live=live)))[:2] == (Unauthenticated, "invalid_token")


async def test_a_mail_proves_the_address(provider: Provider) -> None:
    session = await provider.identity.register(provider.email, PASSWORD)
    await provider.identity.send_verification(session.token)
    await provider.identity.confirm_verification(await provider.mailed_token(provider.email))
    assert (await provider.identity.verify(session.token)).email_verified
    assert (await provider.identity.login(provider.email, PASSWORD)).person.email_verified
    assert (await refusal(provider.identity.confirm_verification("forged")))[1] == "invalid_token"


async def test_an_administrator_is_one_only_with_a_verified_address(provider: Provider) -> None:
    session = await provider.identity.register(provider.admin_email, PASSWORD)
    assert not session.person.is_admin
    await provider.identity.send_verification(session.token)
    await provider.identity.confirm_verification(await provider.mailed_token(provider.admin_email))
    assert (await provider.identity.verify(session.token)).is_admin


async def test_a_reset_sets_a_new_password_once_and_ends_every_session(provider: Provider) -> None:
    identity = provider.identity
    session = await identity.register(provider.email, PASSWORD)
    await identity.send_password_reset(provider.email)
    token = await provider.mailed_token(provider.email)
    await provider.wait()
    await identity.confirm_password_reset(token, "another password")
    for ended in (
        identity.verify(session.token),
        identity.refresh(session.refresh_token),
        identity.confirm_password_reset(token, "a third password"),
    ):
        assert (await refusal(ended))[1] == "invalid_token"
    assert (await refusal(identity.login(provider.email, PASSWORD)))[1] == "invalid_credentials"
    assert (await identity.login(provider.email, "another password")).person.email_verified


async def test_a_reset_tells_nothing_about_an_address(provider: Provider) -> None:
    await provider.identity.register(provider.email, PASSWORD)
    for email in (provider.email, f"x{provider.email}"):
        for _ in range(MAILS.tries):
            await provider.identity.send_password_reset(email)
        assert (await refusal(provider.identity.send_password_reset(email)))[0] is RateLimited
