"""Second factors: enrolled in a session, shown at sign-in and, once more, before money moves and admins act."""

import logging
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from functions.farebox.errors import Conflict, InvalidRequest, NotFound, Unauthenticated
from functions.farebox.identity import Person, Shown
from functions.farebox.identity.factors.enrolment import MOST_PASSKEYS, Enrolment, factors_path
from functions.farebox.kit.ids import Ids
from functions.farebox.organisations.acting import factor_wanted
from functions.farebox.secrets.seal import Seal, Unopened
from functions.farebox.storage import Store, Transaction

if TYPE_CHECKING:
    from functions.farebox.identity.factors.passkeys import RelyingParty

RECENT = timedelta(minutes=15)
CHALLENGE_LIFETIME = timedelta(minutes=5)
CHALLENGE_LENGTH = 43  # 256 bits of base 62, which are base64url as they stand
ISSUER = "Farebox"
REQUIRED = "second_factor_required"

log = logging.getLogger("farebox.identity")


class SecondFactors:
    """The second factors of all people. `code_key` is the server's key for hashes of recovery codes."""

    def __init__(
        self, store: Store, seal: Seal, code_key: bytes, public_url: str, *, now: Callable[[], datetime], ids: Ids
    ) -> None:
        self._store = store
        self._seal = seal
        self._code_key = code_key
        self._public_url = public_url
        self._now = now
        self._ids = ids
        self._made: RelyingParty | None = None

    async def enrolled(self, uid: str) -> Enrolment:
        """What somebody has enrolled."""
        return Enrolment.from_document(await self._store.get(factors_path(uid)))

    async def check(self, uid: str, shown: Shown | None) -> None:
        """Take a second factor as shown, once: a code or an answer that was used is worth nothing.

        `Unauthenticated` with `second_factor_required` where nothing was shown, with `invalid_second_factor` where it
        is not right, or where an app's secret does not open: passkeys and codes for recovery still count.
        """
        if shown is None or (shown.code is None and shown.passkey is None):
            raise Unauthenticated(
                "This account has a second factor. Send its `code`, or the answer of a passkey in `passkey`.",
                code=REQUIRED,
            )
        party = None if shown.passkey is None else self._party()
        now = self._now()

        async def work(tx: Transaction) -> bool:
            enrolment = Enrolment.from_document(await tx.get(factors_path(uid)))
            used = self._used_code(enrolment, shown.code, now) if shown.code is not None else None
            if party is not None and shown.passkey is not None:
                used = _used_passkey(party, enrolment, shown.passkey, now)
            if used is None:
                return False
            tx.set(factors_path(uid), used.to_data())
            return True

        try:
            is_right = await self._store.transact(work)
        except Unopened as error:
            log.error("the app of user %s cannot be asked: its secret does not open with this FAREBOX_SECRET_KEY", uid)
            raise Unauthenticated(
                "The codes of this account's app cannot be checked here. Use a passkey or a code for recovery, or ask "
                "whoever runs this to take the app away.",
                code="invalid_second_factor",
            ) from error
        if not is_right:
            raise Unauthenticated("This second factor is not right, or was used before.", code="invalid_second_factor")

    async def begin_totp(self, uid: str, email: str) -> tuple[str, str]:
        """A secret for an app, as text and as an address for a QR code. It counts once its first code was shown."""
        from functions.farebox.identity.factors import codes

        secret = codes.new_secret()
        sealed = self._seal.close(secret)
        await self._change(uid, lambda enrolment: replace(_without_totp(enrolment), pending_totp=sealed))
        return secret, codes.provisioning_uri(secret, email, ISSUER)

    async def confirm_totp(self, uid: str, code: str) -> list[str]:
        """Have the app's codes asked for from now on. Answers codes for recovery, which nobody can tell again."""
        from functions.farebox.identity.factors import codes

        now = self._now()
        fresh = codes.new_recovery_codes(self._ids)

        def confirmed(enrolment: Enrolment) -> Enrolment:
            pending = enrolment.pending_totp
            try:
                step = None if pending is None else codes.step_of(self._seal.open(pending), code, now)
            except Unopened as error:
                raise Conflict("This app was shown too long ago. Begin anew.") from error
            if step is None:
                raise InvalidRequest("This is not the app's present code.", code="invalid_second_factor", param="code")
            return replace(enrolment, totp=pending, totp_step=step, pending_totp=None, recovery=self._hashed(fresh))

        await self._change(uid, confirmed)
        return fresh

    async def remove_totp(self, uid: str) -> None:
        """Ask for an app's codes no more."""
        await self._change(uid, lambda enrolment: _tidied(replace(enrolment, totp=None, pending_totp=None)))

    async def begin_passkey(self, uid: str, email: str) -> str:
        """The options, in JSON, for a browser to make a passkey with."""
        enrolment, challenge = await self._challenge(uid)
        return self._party().registration(uid, email, challenge, enrolment.passkeys)

    async def add_passkey(self, uid: str, name: str, answer: str) -> list[str] | None:
        """Take the passkey that a browser has made. The first second factor comes with codes for recovery."""
        from functions.farebox.identity.factors import codes
        from functions.farebox.identity.factors.passkeys import PasskeyRefused

        party, now = self._party(), self._now()
        fresh = codes.new_recovery_codes(self._ids)
        is_first = False

        def added(enrolment: Enrolment) -> Enrolment:
            nonlocal is_first
            is_first = not enrolment.is_enrolled
            if len(enrolment.passkeys) >= MOST_PASSKEYS:
                raise Conflict(f"An account has at most {MOST_PASSKEYS} passkeys. Remove one first.")
            try:
                passkey = party.register(answer, _open_challenge(enrolment, now), name, now)
            except PasskeyRefused as error:
                raise InvalidRequest(
                    "This passkey does not answer what was asked.", code="invalid_second_factor"
                ) from error
            recovery = self._hashed(fresh) if is_first else enrolment.recovery
            return replace(enrolment, passkeys=(*enrolment.passkeys, passkey), recovery=recovery, challenge=None)

        await self._change(uid, added)
        return fresh if is_first else None

    async def remove_passkey(self, uid: str, passkey_id: str) -> None:
        """Take a passkey away. `NotFound` where there is none of this id."""

        def removed(enrolment: Enrolment) -> Enrolment:
            left = tuple(passkey for passkey in enrolment.passkeys if passkey.id != passkey_id)
            if len(left) == len(enrolment.passkeys):
                raise NotFound("You have no such passkey.", param="id")
            return _tidied(replace(enrolment, passkeys=left))

        await self._change(uid, removed)

    async def request_passkey(self, uid: str) -> str:
        """The options, in JSON, for a browser to ask a passkey with."""
        enrolment, challenge = await self._challenge(uid)
        if not enrolment.passkeys:
            raise Conflict("This account has no passkey. Send a code instead.", code="no_passkey")
        return self._party().request(challenge, enrolment.passkeys)

    async def renew_recovery_codes(self, uid: str) -> list[str]:
        """New codes for recovery in the place of those there were."""
        from functions.farebox.identity.factors import codes

        fresh = codes.new_recovery_codes(self._ids)

        def renewed(enrolment: Enrolment) -> Enrolment:
            if not enrolment.is_enrolled:
                raise Conflict("This account has no second factor that could be lost.", code="no_second_factor")
            return replace(enrolment, recovery=self._hashed(fresh))

        await self._change(uid, renewed)
        return fresh

    async def erase(self, uid: str) -> None:
        """Forget all of somebody's second factors."""

        async def work(tx: Transaction) -> None:
            tx.delete(factors_path(uid))

        await self._store.transact(work)

    async def _challenge(self, uid: str) -> tuple[Enrolment, str]:
        challenge, ends_at = self._ids.text(CHALLENGE_LENGTH), self._now() + CHALLENGE_LIFETIME
        asked = await self._change(
            uid, lambda enrolment: replace(enrolment, challenge=challenge, challenge_ends_at=ends_at)
        )
        return asked, challenge

    async def _change(self, uid: str, change: Callable[[Enrolment], Enrolment]) -> Enrolment:
        async def work(tx: Transaction) -> Enrolment:
            changed = change(Enrolment.from_document(await tx.get(factors_path(uid))))
            tx.set(factors_path(uid), changed.to_data())
            return changed

        return await self._store.transact(work)

    def _used_code(self, enrolment: Enrolment, code: str, now: datetime) -> Enrolment | None:
        from functions.farebox.identity.factors import codes

        plain = code.replace(" ", "")
        closed: Unopened | None = None
        if enrolment.totp is not None and plain.isascii() and plain.isdecimal():
            try:
                step = codes.step_of(self._seal.open(enrolment.totp), plain, now)
            except Unopened as error:
                step, closed = None, error
            if step is not None and step > enrolment.totp_step:
                return replace(enrolment, totp_step=step)
        hashed = codes.hash_recovery_code(code, self._code_key)
        if enrolment.is_enrolled and hashed in enrolment.recovery:
            return replace(enrolment, recovery=tuple(each for each in enrolment.recovery if each != hashed))
        if closed is not None:
            raise closed
        return None

    def _hashed(self, recovery_codes: list[str]) -> tuple[str, ...]:
        from functions.farebox.identity.factors import codes

        return tuple(codes.hash_recovery_code(code, self._code_key) for code in recovery_codes)

    def _party(self) -> "RelyingParty":
        """Made at first use: its library is imported by nobody who has no passkey."""
        if self._made is None:
            from functions.farebox.identity.factors.passkeys import RelyingParty

            self._made = RelyingParty(self._public_url)
        return self._made


def is_confirmed(person: Person, now: datetime) -> bool:
    """Whether somebody has no second factor, or has shown it lately."""
    return not person.has_second_factor or (person.proved_at is not None and now - person.proved_at <= RECENT)


def require_recent(person: Person, now: datetime) -> None:
    """Raises `Forbidden` with `second_factor_required` where somebody has a second factor and has not shown it."""
    if not is_confirmed(person, now):
        raise factor_wanted()


def _used_passkey(party: "RelyingParty", enrolment: Enrolment, answer: str, now: datetime) -> Enrolment | None:
    from functions.farebox.identity.factors.passkeys import PasskeyRefused

    try:
        used = party.check(answer, _open_challenge(enrolment, now), enrolment.passkeys)
    except PasskeyRefused:
        return None
    passkeys = tuple(used if passkey.id == used.id else passkey for passkey in enrolment.passkeys)
    return replace(enrolment, passkeys=passkeys, challenge=None)


def _open_challenge(enrolment: Enrolment, now: datetime) -> str:
    from functions.farebox.identity.factors.passkeys import PasskeyRefused

    if enrolment.challenge is None or enrolment.challenge_ends_at is None or enrolment.challenge_ends_at <= now:
        raise PasskeyRefused
    return enrolment.challenge


def _without_totp(enrolment: Enrolment) -> Enrolment:
    if enrolment.totp is not None:
        raise Conflict("This account has an app already. Remove that first.", code="totp_enrolled")
    return enrolment


def _tidied(enrolment: Enrolment) -> Enrolment:
    """Without codes for recovery where nothing is left that could be lost."""
    return enrolment if enrolment.is_enrolled else replace(enrolment, recovery=())
