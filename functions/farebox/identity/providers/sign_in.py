"""A sign-in with a provider, from its beginning to the session: `sign_ins/{state}`.

Whoever begins one gets a `flow` besides the address to go to, and shows it at the end: so a code that somebody else has
got hold of, or has slipped to a victim's browser, opens nothing (RFC 9700, section 4.7). No cookie is needed.
"""

import hashlib
import hmac
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from functions.farebox.errors import NotFound
from functions.farebox.identity import Session, Shown, Visitor
from functions.farebox.identity.local.identity import LocalIdentity
from functions.farebox.identity.providers.linking import Linking
from functions.farebox.identity.providers.provider import Returned, SignInAttempt, SignInProvider, not_proved
from functions.farebox.kit.ids import Ids
from functions.farebox.storage import Create, Data, Store, Transaction

LIFETIME = timedelta(minutes=10)
SECRET_LENGTH = 43  # 256 bits of base 62; PKCE asks for 43 characters at least


@dataclass(frozen=True, slots=True)
class Begun:
    """A sign-in that has begun: where to send the browser, and what to show when it is back."""

    url: str
    state: str
    flow: str


class ProviderSignIn:
    """Signs people in with `providers`, by their ids. The browser comes back to `redirect_uri`."""

    def __init__(
        self,
        store: Store,
        identity: LocalIdentity,
        linking: Linking,
        providers: Mapping[str, SignInProvider],
        *,
        redirect_uri: str,
        now: Callable[[], datetime],
        ids: Ids,
    ) -> None:
        self._store = store
        self._identity = identity
        self._linking = linking
        self._providers = providers
        self._redirect_uri = redirect_uri
        self._now = now
        self._ids = ids

    async def begin(self, provider: str, invitation: str | None) -> Begun:
        """Begin one. Raises `NotFound` for a provider that is not there, and `IdentityUnavailable`."""
        state, nonce, verifier, flow = (self._ids.text(SECRET_LENGTH) for _ in range(4))
        attempt = SignInAttempt(state, nonce, verifier, self._redirect_uri)
        url = await self._named(provider).begin(attempt)
        data: Data = {
            "provider": provider,
            "nonce": nonce,
            "verifier": verifier,
            "flow": _hash(flow),
            "invitation": invitation,
            "user": None,  # whoever it was, once that is proved
            "proved_at": None,  # since when
            "used_at": None,
            "expires_at": self._now() + LIFETIME,
        }
        await self._store.write(Create(_path(state), data))
        return Begun(url, state, flow)

    async def finish(self, provider: str, returned: Returned, visitor: Visitor, factor: Shown | None) -> Session:
        """The session. `Unauthenticated` with `invalid_token`, or with `second_factor_required`: then it is called once
        more, with the same and a second factor. Raises also as `Linking.account_of`."""
        named = self._named(provider)
        begun = await self._take(provider, returned)
        uid, began_at = begun["user"], begun.get("proved_at") or self._now()
        if uid is None:
            attempt = SignInAttempt(returned.state, begun["nonce"], begun["verifier"], self._redirect_uri)
            proved = await named.finish(attempt, returned.code)
            uid = await self._linking.account_of(proved, visitor, begun["invitation"])
            await self._note(returned.state, uid, began_at)
        session = await self._identity.enter(uid, began_at, visitor=visitor, factor=factor)
        await self._forget(returned.state)
        return session

    async def waiting(self, state: str, flow: str) -> str:
        """Whose sign-in waits for a second factor, for a passkey to be asked of them. `Unauthenticated` with
        `invalid_token` where none does."""
        begun = await self._store.get(_checked_path(state))
        is_open = begun is not None and begun.data["user"] is not None and begun.data["expires_at"] > self._now()
        if begun is None or not is_open or not hmac.compare_digest(begun.data["flow"], _hash(flow)):
            raise not_proved()
        return str(begun.data["user"])

    def _named(self, provider: str) -> SignInProvider:
        found = self._providers.get(provider)
        if found is None:
            raise NotFound("There is no such provider here. GET /api/auth/options lists them.", param="id")
        return found

    async def _take(self, provider: str, returned: Returned) -> Data:
        """What was begun. Its code is tried once; when it is known who came, they may come again with their factor."""
        path, now = _checked_path(returned.state), self._now()

        async def work(tx: Transaction) -> Data | None:
            found = await tx.get(path)
            if found is None or found.data["provider"] != provider or found.data["expires_at"] <= now:
                return None
            if not hmac.compare_digest(found.data["flow"], _hash(returned.flow)):
                return None
            if found.data["used_at"] not in (None, now) and found.data["user"] is None:
                return None
            tx.update(found.path, {"used_at": now})
            return found.data

        begun = await self._store.transact(work)
        if begun is None:
            raise not_proved()
        return begun

    async def _note(self, state: str, uid: str, proved_at: datetime) -> None:
        async def work(tx: Transaction) -> None:
            tx.update(_path(state), {"user": uid, "proved_at": proved_at})

        await self._store.transact(work)

    async def _forget(self, state: str) -> None:
        async def work(tx: Transaction) -> None:
            tx.delete(_path(state))

        await self._store.transact(work)


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


def _checked_path(state: str) -> str:
    """Of a state that a browser has brought. Raises as one that is not known."""
    if not (state.isascii() and state.isalnum()) or len(state) != SECRET_LENGTH:
        raise not_proved()
    return _path(state)


def _path(state: str) -> str:
    return f"sign_ins/{state}"
