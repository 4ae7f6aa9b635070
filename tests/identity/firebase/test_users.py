"""Firebase's users as Farebox takes them, on the Auth emulator."""

import asyncio
import json
import time
from uuid import uuid4

import pytest

from functions.farebox.errors import Conflict, Forbidden, Unauthenticated
from functions.farebox.identity import IdentityUnavailable
from functions.farebox.identity.firebase.known_users import KNOWN_FOR_S
from functions.farebox.identity.firebase.users import FirebaseUsers
from functions.farebox.ledger.verify import verify
from tests.identity.conftest import Firebase
from tests.support.emulators.emulator import PROJECT
from tests.support.emulators.firebase_auth import API_KEY
from tests.support.fixtures.accounts import BONUS
from tests.support.library_errors import refusal
from tests.support.processes import free_port
from tests.support.product.runtime import runtime_over

PASSWORD = "a long password"
OTHER_PASSWORD = "another password"


async def balance_of(firebase: Firebase, uid: str) -> int:
    """What is in a wallet, whose books are in order."""
    assert (await verify(firebase.store, uid)).fault is None
    wallet = await firebase.store.get(f"wallets/{uid}")
    assert wallet is not None
    return int(wallet.data["balance"])


async def test_an_identity_made_elsewhere_gets_its_account_and_bonus_once_at_its_first_use(firebase: Firebase) -> None:
    for uid, token in (
        await firebase.users.sign_up(firebase.email, PASSWORD),
        await firebase.users.sign_in_with_google(f"g-{firebase.email}"),
    ):
        assert await firebase.store.get(f"users/{uid}") is None
        people = await asyncio.gather(*(firebase.identity.verify(token) for _ in range(3)))
        assert {person.uid for person in people} == {uid}
        assert await balance_of(firebase, uid) == BONUS
    assert (await firebase.identity.verify(token)).email_verified, "Google has verified it"


async def test_a_registration_that_was_cut_off_goes_on_when_it_is_repeated(firebase: Firebase) -> None:
    uid, _ = await firebase.users.sign_up(firebase.email, PASSWORD)  # and then the instance died
    session = await firebase.identity.register(firebase.email, PASSWORD, "Ada")
    assert session.person.uid == uid
    assert await balance_of(firebase, uid) == BONUS
    user = await firebase.store.get(f"users/{uid}")
    assert user is not None
    assert user.data["full_name"] == "Ada"
    assert (await refusal(firebase.identity.register(firebase.email, PASSWORD)))[:2] == (Conflict, "email_taken")


async def test_only_who_knows_its_password_goes_on_with_a_registration(firebase: Firebase) -> None:
    uid, _ = await firebase.users.sign_up(firebase.email, PASSWORD)
    again = await refusal(firebase.identity.register(firebase.email, OTHER_PASSWORD))
    assert again[:2] == (Conflict, "email_taken")
    assert await firebase.store.get(f"users/{uid}") is None


async def test_who_has_no_address_is_told_so_and_gets_no_account(firebase: Firebase) -> None:
    uid, token = await firebase.users.sign_up(None, None)
    assert (await refusal(firebase.identity.verify(token)))[0] is Forbidden
    assert await firebase.store.get(f"users/{uid}") is None


async def test_an_account_follows_its_owner_to_another_address(firebase: Firebase) -> None:
    uid, token = await firebase.users.sign_up(firebase.email, PASSWORD)
    await firebase.identity.verify(token)
    await firebase.users.change(uid, email=f"new-{firebase.email}")
    firebase.seconds[0] += KNOWN_FOR_S
    session = await firebase.identity.login(f"new-{firebase.email}", PASSWORD)
    user = await firebase.store.get(f"users/{uid}")
    assert user is not None
    assert session.person.email == user.data["email"] == f"new-{firebase.email}"
    assert await balance_of(firebase, uid) == BONUS


async def test_the_claim_makes_an_administrator_until_it_is_taken_away(firebase: Firebase) -> None:
    session = await firebase.identity.register(firebase.email, PASSWORD)
    assert not session.person.is_admin
    for claims, is_admin in (({"admin": True}, True), ({"admin": "yes"}, False), ({"role": "admin"}, False)):
        await firebase.users.change(session.person.uid, customAttributes=json.dumps(claims))
        # The token itself says nothing of it: it was issued before.
        assert (await firebase.identity.verify(session.token, live=True)).is_admin is is_admin


async def test_a_disabled_user_is_refused_at_once_for_what_changes_something_and_within_a_minute_for_the_rest(
    firebase: Firebase,
) -> None:
    session = await firebase.identity.register(firebase.email, PASSWORD)
    await firebase.users.change(session.person.uid, disableUser=True)
    assert (await firebase.identity.verify(session.token)).uid == session.person.uid
    suspended = (Forbidden, "account_suspended")
    assert (await refusal(firebase.identity.verify(session.token, live=True)))[:2] == suspended
    assert (await refusal(firebase.identity.verify(session.token)))[:2] == suspended
    assert (await refusal(firebase.identity.login(firebase.email, PASSWORD)))[:2] == suspended
    assert (await refusal(firebase.identity.refresh(session.refresh_token)))[:2] == suspended


@pytest.mark.parametrize("live", [False, True])
async def test_a_revoked_session_is_refused_and_so_is_a_removed_user(firebase: Firebase, live: bool) -> None:
    session = await firebase.identity.register(firebase.email, PASSWORD)
    await firebase.users.change(session.person.uid, validSince=str(int(time.time()) + 2))
    firebase.seconds[0] += KNOWN_FOR_S
    ended = (Unauthenticated, "invalid_token")
    assert (await refusal(firebase.identity.verify(session.token, live=live)))[:2] == ended
    assert (await refusal(firebase.identity.refresh(session.refresh_token)))[:2] == ended
    await firebase.users.delete(session.person.uid)
    firebase.seconds[0] += KNOWN_FOR_S
    assert (await refusal(firebase.identity.verify(session.token, live=live)))[:2] == ended


async def test_a_mail_counts_once_and_for_its_own_purpose_only(firebase: Firebase) -> None:
    session = await firebase.identity.register(firebase.email, PASSWORD)
    await firebase.identity.send_verification(session.token)
    code = await firebase.users.mailed_code(firebase.email)
    assert (await refusal(firebase.identity.confirm_password_reset(code, OTHER_PASSWORD)))[1] == "invalid_token"
    await firebase.identity.confirm_verification(code, session.person)
    assert (await refusal(firebase.identity.confirm_verification(code, session.person)))[1] == "invalid_token"


async def test_an_emulator_that_has_gone_is_an_identity_provider_that_does_not_answer(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("FIREBASE_AUTH_EMULATOR_HOST", f"127.0.0.1:{free_port()}")
    monkeypatch.setattr("functions.farebox.identity.firebase.users.TIMEOUT_S", 0.5)  # the library tries for seconds
    assert (await refusal(FirebaseUsers("demo-nobody").find("u1")))[0] is IdentityUnavailable


async def test_identities_that_firebase_has_linked_are_told_and_ended(firebase: Firebase) -> None:
    registered = await firebase.identity.register(firebase.email, PASSWORD)
    assert await firebase.identity.outside(registered.person.uid) == ()
    uid, _ = await firebase.users.sign_in_with_google(f"g-{firebase.email}")
    [google] = await firebase.identity.outside(uid)
    assert (google.issuer, google.name, google.email) == ("google.com", "Google", f"g-{firebase.email}")
    assert len(google.id) == 64
    await firebase.identity.end_outside(uid, google)
    assert await firebase.identity.outside(uid) == ()
    assert await firebase.identity.outside("nobody") == ()


async def test_a_recovery_ends_what_firebase_lets_others_in_by(
    firebase: Firebase, sqlite_url: str, auth_emulator: str
) -> None:
    firebase_project = {
        "FAREBOX_IDENTITY": "firebase",
        "FIREBASE_PROJECT": PROJECT,
        "FIREBASE_API_KEY": API_KEY,
        "FIREBASE_AUTH_EMULATOR_HOST": auth_emulator,
    }
    runtime = runtime_over(firebase.store, sqlite_url, firebase.clock, **firebase_project)
    uid, _ = await firebase.users.sign_in_with_google(firebase.email)
    await firebase.users.change(uid, phoneNumber=f"+1555{uuid4().int % 10**7:07}")
    assert {each.name for each in await firebase.identity.outside(uid)} == {"Google", "Phone"}
    await firebase.identity.send_password_reset(firebase.email)
    token = await firebase.mailed_token(firebase.email)
    await (await runtime.recovery()).reset(token, PASSWORD, end_access=True)
    assert await firebase.identity.outside(uid) == ()
    session = await firebase.identity.login(firebase.email, PASSWORD)
    assert (session.person.uid, session.person.has_password) == (uid, True)
    await runtime.close()


async def test_who_signs_in_within_the_second_in_which_their_sessions_ended_is_let_in(firebase: Firebase) -> None:
    session = await firebase.identity.register(firebase.email, PASSWORD)
    for password, new_password in ((PASSWORD, OTHER_PASSWORD), (OTHER_PASSWORD, PASSWORD)):
        await asyncio.sleep(1.01 - time.time() % 1)  # what follows happens within one second
        session = await firebase.identity.login(firebase.email, password)
        session = await firebase.identity.change_password(session.person, password, new_password)
        await firebase.identity.verify(session.token, live=True)
    await asyncio.sleep(1.01 - time.time() % 1)
    ended = await firebase.identity.login(firebase.email, PASSWORD)
    await firebase.identity.end_session(ended.person, ended.person.session)
    session = await firebase.identity.login(firebase.email, PASSWORD)
    assert await firebase.identity.verify(session.token, live=True)
    assert (await refusal(firebase.identity.verify(ended.token, live=True)))[1] == "invalid_token"
