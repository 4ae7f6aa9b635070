"""What holds of every identity provider."""

import asyncio

import pytest

from functions.farebox.errors import Conflict, NotFound, RateLimited, Unauthenticated
from functions.farebox.identity import Visitor
from functions.farebox.identity.guards import GUESSES, MAILS
from functions.farebox.storage import Update
from tests.identity.conftest import Provider
from tests.support.fixtures.accounts import BONUS
from tests.support.library_errors import refusal

PASSWORD = "a long password"
VISITOR = Visitor("203.0.113.9", "a laptop")


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


async def test_nobody_is_made_a_user_of_what_was_somebody_elses_account(provider: Provider) -> None:
    uid = f"u{provider.email[:16]}"
    await provider.identity.create_user(provider.email, PASSWORD, uid=uid)
    await provider.identity.erase(uid)
    await provider.store.write(Update(f"users/{uid}", {"status": "erased", "email": "nobody@erased.invalid"}))
    for email in (provider.email, "nobody@erased.invalid"):
        assert (await refusal(provider.identity.create_user(email, PASSWORD, uid=uid)))[:2] == (Conflict, "conflict")
        assert (await refusal(provider.identity.login(email, PASSWORD)))[1] == "invalid_credentials"


async def test_guessing_is_stopped_for_known_and_unknown_addresses_alike_also_in_parallel(provider: Provider) -> None:
    await provider.identity.register(provider.email, PASSWORD)
    for email in (provider.email, f"x{provider.email}"):
        guesses = (
            provider.identity.login(email, f"guess number {n}", visitor=VISITOR) for n in range(GUESSES.free + 3)
        )
        outcomes = await asyncio.gather(*guesses, return_exceptions=True)
        assert sum(isinstance(outcome, Unauthenticated) for outcome in outcomes) == GUESSES.free
        assert sum(isinstance(outcome, RateLimited) for outcome in outcomes) == 3
    with pytest.raises(RateLimited) as caught:
        await provider.identity.login(provider.email, PASSWORD, visitor=VISITOR)
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
    await provider.identity.confirm_verification(await provider.mailed_token(provider.email), session.person)
    assert (await provider.identity.verify(session.token)).email_verified
    assert (await provider.identity.login(provider.email, PASSWORD)).person.email_verified
    assert (await refusal(provider.identity.confirm_verification("forged", session.person)))[1] == "invalid_token"


async def test_whose_address_is_proved_is_known_by_their_id(provider: Provider) -> None:
    session = await provider.identity.register(provider.email, PASSWORD)
    assert not await provider.identity.has_proved(session.person.uid)
    await provider.identity.send_verification(session.token)
    await provider.identity.confirm_verification(await provider.mailed_token(provider.email), session.person)
    assert await provider.identity.has_proved(session.person.uid)
    assert not await provider.identity.has_proved("nobody")


async def test_a_mail_proves_nothing_to_anybody_but_the_account_that_asked_for_it(provider: Provider) -> None:
    intruder = await provider.identity.register(provider.email, PASSWORD)
    await provider.identity.send_verification(intruder.token)
    owner = await provider.identity.register(f"x{provider.email}", PASSWORD)
    proof = await provider.mailed_token(provider.email)
    assert (await refusal(provider.identity.confirm_verification(proof, owner.person)))[1] == "invalid_token"
    assert not (await provider.identity.verify(intruder.token, live=True)).email_verified


async def test_an_administrator_by_address_has_proved_it_and_signed_in_after_that(provider: Provider) -> None:
    identity = provider.identity
    session = await identity.register(provider.admin_email, PASSWORD)
    assert not session.person.is_admin
    await identity.send_verification(session.token)
    await provider.wait()
    await identity.confirm_verification(await provider.mailed_token(provider.admin_email), session.person)
    assert not (await identity.verify(session.token, live=True)).is_admin
    assert not (await identity.refresh(session.refresh_token)).person.is_admin
    await provider.wait()
    assert (await identity.login(provider.admin_email, PASSWORD)).person.is_admin


async def test_whoever_took_an_operators_address_first_is_put_out_by_a_reset_and_becomes_nothing(
    provider: Provider,
) -> None:
    intruder = await provider.identity.register(provider.admin_email, "the intruder's own")
    await provider.identity.send_password_reset(provider.admin_email)
    await provider.wait()
    await provider.identity.confirm_password_reset(await provider.mailed_token(provider.admin_email), PASSWORD)
    for ended in (
        provider.identity.verify(intruder.token, live=True),
        provider.identity.refresh(intruder.refresh_token),
    ):
        assert (await refusal(ended))[1] == "invalid_token"


async def test_an_administrator_is_made_without_mail_and_whoever_had_the_account_is_put_out(provider: Provider) -> None:
    identity = provider.identity
    intruder = await identity.register(provider.email, "the intruder's own")
    await provider.wait()
    for email in (provider.email, f"x{provider.email}"):
        assert (await identity.make_admin(email, PASSWORD)).email == email
        assert (await identity.login(email, PASSWORD)).person.is_admin
    assert (await refusal(identity.verify(intruder.token, live=True)))[1] == "invalid_token"
    await identity.unmake_admin(provider.email)
    assert not (await identity.login(provider.email, PASSWORD)).person.is_admin


async def test_a_person_lists_their_sessions_and_ends_one_or_all_others(provider: Provider) -> None:
    identity = provider.identity
    sessions = [await identity.register(provider.email, PASSWORD, visitor=Visitor("192.0.2.1", "a phone"))]
    for _ in range(2):
        await provider.wait()
        sessions.append(await identity.login(provider.email, PASSWORD, visitor=VISITOR))
    people = [await identity.verify(session.token) for session in sessions]
    listed = await identity.sessions(people[0])
    assert {each.id for each in listed} == {person.session for person in people}
    assert {(each.address, each.device) for each in listed} == {("192.0.2.1", "a phone"), ("203.0.113.9", "a laptop")}
    await identity.end_session(people[0], people[1].session)
    assert (await refusal(identity.verify(sessions[1].token)))[1] == "invalid_token"
    if provider.keeps_sessions_apart:  # Firebase's emulator dates a renewed token by the user's latest sign-in
        assert (await refusal(identity.refresh(sessions[1].refresh_token)))[1] == "invalid_token"
    stranger = await identity.verify((await identity.register(f"x{provider.email}", PASSWORD)).token)
    assert (await refusal(identity.end_session(stranger, people[2].session)))[0] is NotFound
    await identity.end_other_sessions(people[2])
    assert (await refusal(identity.verify(sessions[0].token)))[1] == "invalid_token"
    assert [each.id for each in await identity.sessions(people[2])] == [people[2].session]
    assert await identity.verify(sessions[2].token) == people[2]


async def test_a_new_password_ends_every_other_session(provider: Provider) -> None:
    identity = provider.identity
    session = await identity.register(provider.email, PASSWORD)
    other = await identity.login(provider.email, PASSWORD)
    await provider.wait()
    person = await identity.verify(session.token)
    wrong = await refusal(identity.change_password(person, "not that", "another password"))
    assert wrong[1] == "invalid_credentials"
    changed = await identity.change_password(person, PASSWORD, "another password")
    assert await identity.verify(changed.token, live=True) == session.person
    assert (await identity.refresh(changed.refresh_token)).person == session.person
    assert len(await identity.sessions(await identity.verify(changed.token))) == 1
    for ended in (other,) if provider.keeps_sessions_apart else (other, session):
        assert (await refusal(identity.verify(ended.token, live=True)))[1] == "invalid_token"
    if provider.keeps_sessions_apart:
        assert await identity.verify(session.token, live=True) == person
    assert (await refusal(identity.login(provider.email, PASSWORD)))[1] == "invalid_credentials"


async def test_a_change_of_address_ends_the_other_sessions_and_counts_once_its_owner_has_confirmed_it(
    provider: Provider,
) -> None:
    identity, new_email = provider.identity, f"new-{provider.email}"
    session = await identity.register(provider.email, PASSWORD)
    await provider.wait()
    other = await identity.login(provider.email, PASSWORD)
    stranger = await identity.register(f"x{provider.email}", PASSWORD)
    await provider.wait()
    await identity.send_email_change(session.token, PASSWORD, new_email)
    assert (await refusal(identity.verify(other.token, live=True)))[1] == "invalid_token"
    proof = await provider.mailed_token(new_email)
    await provider.wait()
    later = await identity.login(provider.email, PASSWORD)
    assert later.person == session.person
    assert (await refusal(identity.confirm_email_change(proof, stranger.person)))[1] == "invalid_token"
    person = await identity.verify(session.token)
    await identity.confirm_email_change(proof, person)
    assert (await refusal(identity.verify(later.token, live=True)))[1] == "invalid_token"
    await provider.wait()
    moved = (await identity.login(new_email, PASSWORD)).person
    assert (moved.uid, moved.email, moved.email_verified) == (person.uid, new_email, True)
    assert (await refusal(identity.login(provider.email, PASSWORD)))[1] == "invalid_credentials"


async def test_what_is_erased_can_be_entered_no_more_and_its_address_is_free(provider: Provider) -> None:
    identity = provider.identity
    session = await identity.register(provider.email, PASSWORD)
    for _ in range(2):
        await identity.erase(session.person.uid)
    assert (await refusal(identity.verify(session.token, live=True)))[1] == "invalid_token"
    assert (await refusal(identity.login(provider.email, PASSWORD)))[1] == "invalid_credentials"
    assert (await identity.register(provider.email, PASSWORD)).person.uid != session.person.uid


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
