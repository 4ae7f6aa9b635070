"""The life of API keys: made, listed, changed, rotated and revoked. What a key is: `api_key.py`."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from functions.farebox.accounts.account import user_path
from functions.farebox.errors import Conflict, InvalidRequest, NotFound
from functions.farebox.keys.api_key import (
    ID_LENGTH,
    MAX_GRACES,
    PREFIX,
    SECRET_LENGTH,
    ApiKey,
    Grace,
    hash_secret,
    key_path,
    write_key,
)
from functions.farebox.keys.belonging import belonging_of, check_given, counter_of, inherited
from functions.farebox.keys.holding import as_they_stand
from functions.farebox.keys.reach import KeyReach
from functions.farebox.kit.ids import Ids
from functions.farebox.ledger.wallet import Wallet, wallet_path
from functions.farebox.limits.budget import Budget
from functions.farebox.limits.key_counters import key_window_path
from functions.farebox.limits.span_budgets import Span, read_span_budgets, span_budgets_path
from functions.farebox.organisations.acting import Acting
from functions.farebox.organisations.rights import INFERENCE, ROLE_RIGHTS, KeyScope
from functions.farebox.organisations.trail import SYSTEM, Actor, Change, Trail
from functions.farebox.storage import Data, Document, Filter, Query, Store, Transaction
from functions.farebox.storage.pages import Page, read_page
from functions.farebox.usage.spending import spent_ever_by_key

MAX_LIVE_KEYS = 100  # of one payer, that people have made
MAX_MINTED_KEYS = 100_000  # of one payer, that keys have made
MAX_GRACE_S = 7 * 24 * 3600
BUDGETS = frozenset({"monthly_budget", "daily_budget", "weekly_budget", "total_budget"})
CHANGEABLE = BUDGETS | {"name", "expires_at", "models", "rpm", "tpm", "rpd", "scopes", "allowed_ips"}
FIXED = frozenset({"member", "service_account", "project"})  # of a key from when it is made
PAGE = 200
SECRET = ("hash", "previous_hash", "earlier", "user")  # what the trail does not tell of a key
NOTHING: Mapping[str, Any] = {}


@dataclass(frozen=True, slots=True)
class KeyUse:
    """What a key has been used for: when last, and what it has spent of a month's budget and of those of other spans,
    as they were last counted; `time_zone` is its payer's.

    Written when leases are settled, so it lags behind by a settlement interval.
    """

    time_zone: str
    last_used_at: datetime | None
    month: Budget
    spans: Mapping[Span, Budget] = field(default_factory=lambda: read_span_budgets(None))


class Keys:
    """The keys of all users. `pepper` is the server's key for their hashes."""

    def __init__(self, store: Store, pepper: bytes, *, now: Callable[[], datetime], ids: Ids) -> None:
        self._store = store
        self._pepper = pepper
        self._now = now
        self._ids = ids
        self._trail = Trail(store, now=now, ids=ids)

    async def create(self, uid: str, terms: Mapping[str, Any], by: Acting | None = None) -> tuple[ApiKey, str]:
        """A new key of a payer, and its full text, which nobody can tell again. `by` is who makes it, held to what they
        may give; without it, the payer does.

        `terms` are `name` and any of `CHANGEABLE` and `FIXED`. Raises `Conflict` at `MAX_LIVE_KEYS`, or, of those that
        keys have made, at `MAX_MINTED_KEYS`; `Forbidden` and `InvalidRequest` as `belonging`.
        """
        assert terms.keys() <= CHANGEABLE | FIXED
        assert "name" in terms
        terms = {**terms, "scopes": terms.get("scopes") or (INFERENCE,)}
        now, by = self._now(), by or owner_of(uid)
        _check_expiry(terms.get("expires_at"), now)
        key_id, secret = self._ids.text(ID_LENGTH), self._ids.text(SECRET_LENGTH)
        made: list[ApiKey] = []

        async def work(tx: Transaction) -> Change:
            user, _ = await tx.get_many(user_path(uid), key_path(key_id))
            if user is None:
                raise NotFound("There is no such account.")
            belonging = await belonging_of(tx, by, terms)
            await check_given(tx, by, terms, belonging.member)
            chosen = {**await inherited(tx, by), **{name: terms[name] for name in terms.keys() - FIXED}}
            if chosen.get("total_budget") is not None:
                chosen["total_since_at"] = now
            key = ApiKey(
                id=key_id,
                user=uid,
                prefix=f"{PREFIX}-{key_id}-{secret[:4]}",
                hash=hash_secret(key_id, secret, self._pepper),
                created_at=now,
                **chosen,
                **asdict(belonging),
            )
            counter = counter_of(belonging)
            live, most = user.data.get(counter, 0), MAX_LIVE_KEYS if belonging.made_by is None else MAX_MINTED_KEYS
            if live >= most:
                raise Conflict(f"An account has at most {most} live keys. Revoke one first.", code="too_many_keys")
            tx.update(user.path, {counter: live + 1})
            tx.create(key_path(key_id), key.to_data())
            made[:] = [key]
            return Change("keys.create", f"keys/{key_id}", None, _terms_of(key))

        await self._trail.change(uid, by.actor, work)
        return made[0], write_key(key_id, secret)

    async def get(self, uid: str, key_id: str, by: Acting | None = None) -> ApiKey:
        """One of a payer's keys. `NotFound` for anybody else's, and for what `by` does not reach."""
        document = await self._store.get(_path(key_id))
        if document is None or not _reach(uid, by).covers(document.data):
            raise _not_found()
        [key] = await as_they_stand(self._store.get_many, ApiKey.from_data(document.id, document.data))
        return key

    async def page(self, reach: KeyReach, *, limit: int, after: tuple[Any, ...] | None) -> Page[ApiKey]:
        """A payer's keys as far as somebody reaches, revoked ones too, newest first."""
        of_member = () if reach.member is None else (Filter("member", "==", reach.member),)
        of_maker = () if reach.made_by is None else (Filter("made_by", "==", reach.made_by),)
        query = Query(
            "api_keys",
            (Filter("user", "==", reach.payer), *of_member, *of_maker),
            order_by="created_at",
            descending=True,
            limit=limit,
            after=after,
        )
        page = await read_page(self._store, query, lambda document: ApiKey.from_data(document.id, document.data))
        return replace(page, items=await as_they_stand(self._store.get_many, *page.items))

    async def use_of(self, *keys: ApiKey) -> list[KeyUse]:
        """What keys have been used for, in their order."""
        spans = [span_budgets_path(key.user, key.id) for key in keys if key.caps]
        payers = sorted({wallet_path(key.user) for key in keys})
        windows = [key_window_path(key.id) for key in keys]
        paths = [*windows, *spans, *payers]
        found = dict(zip(paths, await self._store.get_many(*paths), strict=True))
        return [
            _read_use(found[window], found.get(span_budgets_path(key.user, key.id)), found[wallet_path(key.user)])
            for key, window in zip(keys, windows, strict=True)
        ]

    async def change(self, uid: str, key_id: str, changes: Mapping[str, Any], by: Acting | None = None) -> ApiKey:
        """Change a live key's terms; `None` lifts a limit. Instances heed it within seconds."""
        assert changes.keys() <= CHANGEABLE
        _check_expiry(changes.get("expires_at"), self._now())

        async def changed(tx: Transaction, key: ApiKey) -> ApiKey:
            total = await self._total_since(tx, key) if changes.get("total_budget") is not None else {}
            key = replace(key, **changes, **total)
            return key.with_graces(key.graces)

        return await self._change_live(uid, key_id, by, "keys.change", changed, changes)

    async def rotate(self, uid: str, key_id: str, grace_s: int, by: Acting | None = None) -> tuple[ApiKey, str]:
        """Give a live key a new secret; answers the new full text.

        The old secret works for `grace_s` seconds more (0 to `MAX_GRACE_S`), but not longer than its key; one from
        before that as long as was promised when it was replaced. Raises `Conflict` where `MAX_GRACES` secrets from
        before would still work.
        """
        assert 0 <= grace_s <= MAX_GRACE_S
        now = self._now()
        secret = self._ids.text(SECRET_LENGTH)
        new_hash = hash_secret(key_id, secret, self._pepper)

        async def rotated(_tx: Transaction, key: ApiKey) -> ApiKey:
            graces = [grace for grace in key.graces if now < grace.expires_at]
            if grace_s:
                graces.insert(0, Grace(key.hash, now + timedelta(seconds=grace_s)))
            if len(graces) > MAX_GRACES:
                raise Conflict(
                    f"{MAX_GRACES} earlier secrets of this key still work, as was promised. Wait until one ends, "
                    "rotate without a grace, or make a new key and revoke this one.",
                    code="too_many_secrets",
                )
            return replace(key, prefix=f"{PREFIX}-{key_id}-{secret[:4]}", hash=new_hash).with_graces(graces)

        return await self._change_live(uid, key_id, by, "keys.rotate", rotated), write_key(key_id, secret)

    async def revoke(self, uid: str, key_id: str, by: Acting | None = None) -> ApiKey:
        """End a key, for good; its record stays. Revoking twice changes nothing."""
        return await self._end(_reach(uid, by), key_id, (by or owner_of(uid)).actor)

    async def _end(self, reach: KeyReach, key_id: str, actor: Actor) -> ApiKey:
        now, uid = self._now(), reach.payer

        async def work(tx: Transaction) -> Change | None:
            user, document = await tx.get_many(user_path(uid), _path(key_id))
            if document is None or user is None or not reach.covers(document.data):
                raise _not_found()
            key = ApiKey.from_data(key_id, document.data)
            if key.state == "revoked":
                return None
            ended = replace(key, state="revoked", revoked_at=now).with_graces(())
            tx.set(document.path, ended.to_data())
            tx.update(user.path, {counter_of(key): user.data[counter_of(key)] - 1})
            return Change("keys.revoke", f"keys/{key_id}", _terms_of(key), None)

        await self._trail.change(uid, actor, work)
        return await self.get(uid, key_id)

    async def revoke_all(self, uid: str) -> None:
        """End every key that a user pays for or holds in an organisation, for good. Safe to repeat."""
        live = Filter("state", "==", "live")
        paid_for = Query("api_keys", (Filter("user", "==", uid), live), limit=MAX_LIVE_KEYS)
        held = Query("api_keys", (Filter("member", "==", uid), live), limit=MAX_LIVE_KEYS)
        for query in (paid_for, held):
            while found := await self._store.query(query):
                for document in found:
                    await self.revoke(document.data["user"], document.id)

    async def revoke_held(
        self,
        by: Acting,
        *,
        member: str = "",
        service_account: str = "",
        project: str = "",
        scope: KeyScope | None = None,
    ) -> int:
        """End the live keys of a member, a service account or a project that is no more; or those with a `scope` of a
        member whose role has lost it. Answers how many there were.

        They have stopped already: whoever authenticates a key looks for what it belongs to. This says so in their
        records.
        """
        of_member = (Filter("member", "==", member),) if member else ()
        of_account = (Filter("service_account", "==", service_account),) if service_account else ()
        of_project = (Filter("project", "==", project),) if project else ()
        where = (Filter("user", "==", by.org), *of_member, *of_account, *of_project)
        revoked = 0
        query = Query("api_keys", where, order_by="created_at", descending=True, limit=PAGE)
        async for document in self._store.scan(query):
            has_scope = scope is None or scope in ApiKey.from_data(document.id, document.data).scopes
            if document.data["state"] == "live" and has_scope:
                await self._end(KeyReach(by.org), document.id, by.actor)
                revoked += 1
        return revoked

    async def _total_since(self, tx: Transaction, key: ApiKey) -> dict[str, Any]:
        """The terms by which a total that is set counts from when the key was made. What is spent until all instances
        know of the first cap, seconds later, counts once it is set anew."""
        counted = await tx.get(span_budgets_path(key.user, key.id))
        spent = read_span_budgets(None if counted is None else counted.data)["total"].spent
        ever = await spent_ever_by_key(self._store, key.id)
        return {"total_before": max(0, ever - spent), "total_since_at": key.created_at}

    async def _change_live(
        self,
        uid: str,
        key_id: str,
        by: Acting | None,
        action: str,
        change: Callable[[Transaction, ApiKey], Awaitable[ApiKey]],
        given: Mapping[str, Any] = NOTHING,
    ) -> ApiKey:
        async def work(tx: Transaction) -> Change:
            document = await tx.get(_path(key_id))
            if document is None or not _reach(uid, by).covers(document.data):
                raise _not_found()
            [key] = await as_they_stand(tx.get_many, ApiKey.from_data(key_id, document.data))
            if key.state != "live":
                raise Conflict("This key is revoked, for good. Make a new one.", code="key_revoked")
            if by is not None and given:
                await check_given(tx, by, given, key.member)
            changed = await change(tx, key)
            tx.set(document.path, changed.to_data())
            return Change(action, f"keys/{key_id}", _terms_of(key), _terms_of(changed))

        await self._trail.change(uid, (by or owner_of(uid)).actor, work)
        return await self.get(uid, key_id)


def owner_of(uid: str) -> Acting:
    """A payer acting for itself, without anybody in between."""
    return Acting(uid, SYSTEM, ROLE_RIGHTS["owner"], "owner", uid)


def _reach(uid: str, by: Acting | None) -> KeyReach:
    return KeyReach(uid) if by is None else KeyReach.of(by)


def _terms_of(key: ApiKey) -> Data:
    """A key as the trail tells of it: without what its secret is known by."""
    return {name: value for name, value in key.to_data().items() if name not in SECRET}


def _path(key_id: str) -> str:
    """Where a key's record is, for an id that a client sent."""
    if len(key_id) != ID_LENGTH or not (key_id.isascii() and key_id.isalnum()):
        raise _not_found()
    return key_path(key_id)


def _check_expiry(expires_at: datetime | None, now: datetime) -> None:
    if expires_at is not None and expires_at <= now:
        raise InvalidRequest(
            "expires_at lies in the past. Choose a later moment.", code="invalid_value", param="expires_at"
        )


def _read_use(window: Document | None, spans: Document | None, wallet: Document | None) -> KeyUse:
    data: Mapping[str, Any] = {} if window is None else window.data
    zone = "UTC" if wallet is None else Wallet.from_data(wallet.data).time_zone
    counted = read_span_budgets(None if spans is None else spans.data)
    return KeyUse(zone, data.get("last_used_at"), Budget.from_data(data.get("budget")), counted)


def _not_found() -> NotFound:
    return NotFound("There is no such key.", param="id")
