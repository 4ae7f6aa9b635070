"""Authenticates API keys: a key and its account, known from memory for a few seconds at a time.

Revoking a key or suspending an account is effective everywhere within `LONGEST_S` seconds: what is known is never
older than that. A key in steady use is looked up again in the background before then, so that no request waits.
A secret that does not fit what is known is compared with the store's own record before it is refused: a key that was
given a new one works at once.
What is cached here is only ever read; nothing is written back from it.
"""

import asyncio
import math
from collections import OrderedDict
from collections.abc import Callable, Container
from dataclasses import dataclass
from datetime import datetime

from functions.farebox.accounts.account import account_suspended, is_active, user_path
from functions.farebox.accounts.terms import allowed_models, multiplier_of
from functions.farebox.errors import Forbidden, StoreUnavailable, Unauthenticated
from functions.farebox.keys.api_key import ApiKey, check_key, key_path, parse_key, party_of
from functions.farebox.keys.holding import as_it_stands, paths_around
from functions.farebox.kit.networks import Network, is_within, parse_network
from functions.farebox.kit.party import Party
from functions.farebox.limits.belongs import Belongs
from functions.farebox.limits.key_counters import KeyTerms
from functions.farebox.limits.span_budgets import SpanCaps
from functions.farebox.organisations.membership import role_in
from functions.farebox.organisations.rights import INFERENCE, KeyScope, Role
from functions.farebox.pricing.bill import ONE_BP
from functions.farebox.storage import Document, Store, Unreachable

FRESH_S = 3.0  # younger knowledge is used as it is; older is used and looked up again behind the request
LONGEST_S = 4.5  # older knowledge is not used; leaves half a second for the look-up itself
MOST_KNOWN = 10_000


@dataclass(frozen=True, slots=True)
class Caller:
    """An authenticated key and the terms of its spending. `uid` is who pays. `models` are those that the key, its user
    and their plan all allow; `None` allows every one."""

    uid: str
    terms: KeyTerms
    models: Container[str] | None
    multiplier_bp: int = ONE_BP  # on list prices: the user's own, or their plan's
    scopes: tuple[KeyScope, ...] = (INFERENCE,)
    role: Role | None = None  # of the member whose key it is

    @property
    def party(self) -> Party:
        """Who is on the other side of the key."""
        terms = self.terms
        return party_of(self.uid, terms.id, member=terms.belongs.member, is_minted=terms.is_minted)


@dataclass(frozen=True, slots=True)
class _Known:
    key: ApiKey | None  # as it stands by what it belongs to
    suspended: bool
    caller: Caller | None
    read_s: float
    networks: tuple[Network, ...] | None = None  # that the key may be used from


class KeyAuthenticator:
    """Authenticates API keys. `pepper` is the server's key for their hashes."""

    def __init__(self, store: Store, pepper: bytes, *, now: Callable[[], datetime], clock: Callable[[], float]) -> None:
        self._store = store
        self._pepper = pepper
        self._now = now
        self._clock = clock
        self._known: OrderedDict[str, _Known] = OrderedDict()
        self._reading: dict[str, asyncio.Task[_Known]] = {}

    async def authenticate(
        self,
        credential: str,
        address: Callable[[], str],
        scope: KeyScope | None = INFERENCE,
        *,
        live: bool = False,
    ) -> Caller:
        """The caller that an API key stands for, who may do what a scope says; `None` leaves that to be asked later.
        `live` is as of now, for whom a look-up may delay. `address` tells where the request comes from, to who must
        know.

        Raises `Unauthenticated` (`invalid_api_key`, `expired_api_key`), `Forbidden` (`account_suspended`,
        `ip_not_allowed`, `scope_missing`) or `StoreUnavailable`.
        """
        parsed = parse_key(credential)
        if parsed is None:
            raise Unauthenticated(
                "This is no API key of this service. Keys look like fb-live-...; make one with POST /api/keys.",
                code="invalid_api_key",
            )
        key_id, secret = parsed
        arrived_s = self._clock()
        known = await self._look_up(key_id, since_s=arrived_s if live else -math.inf)
        try:
            check_key(known.key, secret, self._pepper, self._now())
        except Unauthenticated:
            if known.read_s >= arrived_s or known.key is None or known.key.state != "live":
                raise
            known = await self._look_up(key_id, since_s=arrived_s)  # it may have been given a new secret just now
            check_key(known.key, secret, self._pepper, self._now())
        if known.suspended:
            raise account_suspended()
        if known.networks is not None and not is_within(came_from := address(), known.networks):
            raise Forbidden(
                f"This API key may not be used from {came_from or 'an unknown address'}. Send the request from one of "
                "its allowed_ips, or change those.",
                code="ip_not_allowed",
            )
        assert known.caller is not None
        if scope is not None and scope not in known.caller.scopes:
            raise Forbidden(f"This takes an API key with the scope {scope}.", code="scope_missing")
        return known.caller

    def look_ahead(self, credential: str) -> None:
        """Begin to look up a key that will be authenticated in a moment."""
        parsed = parse_key(credential)
        if parsed is not None and parsed[0] not in self._reading:
            self._start_reading(parsed[0])

    async def _look_up(self, key_id: str, since_s: float = -math.inf) -> _Known:
        """What is known of a key: not from before `since_s`, and never older than `LONGEST_S`."""
        known = self._known.get(key_id)
        age_s = self._clock() - known.read_s if known else LONGEST_S
        recent = known is not None and known.read_s >= since_s
        if known is not None and recent and age_s < FRESH_S:
            return known
        reading = self._reading.get(key_id) or self._start_reading(key_id)
        if known is not None and recent and age_s < LONGEST_S:
            return known
        try:
            read = await asyncio.shield(reading)
            if read.read_s < since_s:  # that one was under way already
                read = await asyncio.shield(self._reading.get(key_id) or self._start_reading(key_id))
            return read
        except Unreachable as error:
            raise StoreUnavailable("The database does not answer. Try again in a few seconds.") from error

    def _start_reading(self, key_id: str) -> "asyncio.Task[_Known]":
        reading = self._reading[key_id] = asyncio.create_task(self._read(key_id))
        reading.add_done_callback(lambda task: self._read_done(key_id, task))
        return reading

    async def _read(self, key_id: str) -> _Known:
        read_s = self._clock()  # before the read: what it answers is at least this fresh
        known = self._known.get(key_id)
        if known is not None and known.key is not None:
            key_doc, *around = await self._store.get_many(key_path(key_id), *_around(known.key))
            key = ApiKey.from_data(key_id, key_doc.data) if key_doc else None
        else:
            key_doc, around = await self._store.get(key_path(key_id)), []
            key = ApiKey.from_data(key_id, key_doc.data) if key_doc else None
            if key is not None:
                around = await self._store.get_many(*_around(key))
        if key is None:
            return _Known(None, True, None, read_s)
        user_doc, *belongs_to = around
        found = dict(zip(paths_around(key), belongs_to, strict=True))
        key = as_it_stands(key, found)
        user = user_doc.data if user_doc else {}
        caller = Caller(
            uid=key.user,
            terms=KeyTerms(
                key.id,
                key.monthly_budget,
                key.limits,
                Belongs.from_data(key.to_data()),
                _cap_of(found.get("member")),
                _cap_of(found.get("project")),
                {"user": SpanCaps.from_data(user), "key": key.caps},
                is_minted=key.made_by is not None,
            ),
            models=allowed_models(key.models, user.get("models"), user.get("plan_models")),
            multiplier_bp=multiplier_of(user),
            scopes=key.scopes,
            role=None if key.member is None else role_in(key.user, key.member, found.get("member")),
        )
        suspended = not all(
            each is not None and is_active(each.data) for each in (user_doc, found.get("person", user_doc))
        )
        networks = None if key.allowed_ips is None else tuple(map(parse_network, key.allowed_ips))
        return _Known(key, suspended, caller, read_s, networks)

    def _read_done(self, key_id: str, task: "asyncio.Task[_Known]") -> None:
        self._reading.pop(key_id, None)
        if task.cancelled() or task.exception() is not None:
            return  # whoever waits sees the error; what was known grows old and is then not used
        self._known[key_id] = task.result()
        self._known.move_to_end(key_id)
        while len(self._known) > MOST_KNOWN:
            self._known.popitem(last=False)


def _around(key: ApiKey) -> list[str]:
    """What else is read of a key, in one piece: the account that pays, and what the key belongs to."""
    return [user_path(key.user), *paths_around(key).values()]


def _cap_of(group: Document | None) -> int | None:
    """The budget of a member or a project, in nano-USD a month."""
    cap: int | None = None if group is None else group.data["monthly_budget"]
    return cap
