"""Changes of prices, upstreams and plans by operators, without a deploy."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from functions.farebox.accounts.plans import Plan, Plans, plan_path
from functions.farebox.admin.audit_trail import AdminCommand, AuditEntry, AuditTrail, Change
from functions.farebox.errors import Conflict, InvalidRequest, NotFound
from functions.farebox.gateway.entry.form import SECRET_FIELDS
from functions.farebox.gateway.upstream import MAX_UPSTREAMS
from functions.farebox.pricing.price import Price
from functions.farebox.pricing.versions import price_path, withdraw, write_versions
from functions.farebox.storage import Data, Document, Query, Store, Transaction
from functions.farebox.upstreams.registry import UpstreamList, upstream_path


class Catalogue:
    """Changes the price list, the upstreams and the plans, each change in the audit trail."""

    def __init__(
        self, store: Store, log: AuditTrail, upstreams: UpstreamList, plans: Plans, now: Callable[[], datetime]
    ) -> None:
        self._store = store
        self._log = log
        self._upstreams = upstreams
        self._plans = plans
        self._now = now

    async def put_price(self, order: AdminCommand, model: str, entry: object, *, force: bool) -> AuditEntry:
        """Make this the model's price from now on; `entry` is read by `Price.from_config`.

        Raises `InvalidRequest` as that and `write_versions` do.
        """
        price = Price.from_config(model, entry)

        async def work(tx: Transaction, _id: str) -> Change:
            former = await tx.get(price_path(model))
            [now] = await write_versions(tx, [price], actor=order.actor, now=self._now(), force=force)
            return Change("pricing.put", price_path(model), _price(former), {**now.to_document(), "active": True})

        return await self._log.change(order, work)

    async def delete_price(self, order: AdminCommand, model: str) -> AuditEntry:
        """Take a model off the list. Raises `NotFound`."""

        async def work(tx: Transaction, _id: str) -> Change:
            former = await tx.get(price_path(model))
            price = await withdraw(tx, model, actor=order.actor, now=self._now())
            return Change("pricing.delete", price_path(model), _price(former), {**price.to_document(), "active": False})

        return await self._log.change(order, work)

    async def upstreams(self) -> list[Data]:
        """Every upstream without its key, by id."""
        documents = await self._store.query(Query("upstreams", limit=MAX_UPSTREAMS))
        return [self._show(document.data) for document in documents]

    async def upstream(self, upstream_id: str) -> Data:
        """One upstream. Raises `NotFound`."""
        document = await self._store.get(upstream_path(upstream_id))
        if document is None:
            raise _no_upstream()
        return self._show(document.data)

    async def create_upstream(self, order: AdminCommand, entry: Mapping[str, Any], *, enabled: bool) -> AuditEntry:
        """Add an upstream; what is `None` is left out. Raises `Conflict` where its id is taken, or where there are
        `MAX_UPSTREAMS`, and `InvalidRequest`."""
        entry = {name: value for name, value in entry.items() if value is not None}
        data = {**_checked(lambda: self._upstreams.encode(entry)), "enabled": enabled, "created_at": self._now()}
        full = await self._store.count("upstreams") >= MAX_UPSTREAMS

        async def work(tx: Transaction, _id: str) -> Change:
            at = upstream_path(entry["id"])
            if await tx.get(at) is not None:
                raise Conflict("There is an upstream with this id. PATCH changes it.", param="id")
            if full:
                raise Conflict(f"There are {MAX_UPSTREAMS} upstreams, which is the most.", code="too_many_upstreams")
            tx.create(at, data)
            return Change("upstreams.create", at, None, self._show(data))

        return await self._log.change(order, work)

    async def change_upstream(
        self, order: AdminCommand, upstream_id: str, changes: Mapping[str, Any], *, enabled: bool | None
    ) -> AuditEntry:
        """Change fields of an upstream's entry, as `EntrySeal.change` does. Raises `NotFound` or `InvalidRequest`."""

        async def work(tx: Transaction, _id: str) -> Change:
            document = await tx.get(upstream_path(upstream_id))
            if document is None:
                raise _no_upstream()
            if changes.get("id", upstream_id) != upstream_id:
                raise InvalidRequest("An upstream keeps its id. Add another one.", code="invalid_upstream", param="id")
            data = {**document.data, **_checked(lambda: self._upstreams.change(document.data, changes))}
            if enabled is not None:
                data["enabled"] = enabled
            tx.set(document.path, data)
            return Change("upstreams.change", document.path, self._show(document.data), self._show(data))

        return await self._log.change(order, work)

    async def delete_upstream(self, order: AdminCommand, upstream_id: str) -> AuditEntry:
        """Forget an upstream and its key. Raises `NotFound`."""

        async def work(tx: Transaction, _id: str) -> Change:
            document = await tx.get(upstream_path(upstream_id))
            if document is None:
                raise _no_upstream()
            tx.delete(document.path)
            return Change("upstreams.delete", document.path, self._show(document.data), None)

        return await self._log.change(order, work)

    async def put_plan(self, order: AdminCommand, plan: Plan) -> AuditEntry:
        """Make or change a plan. Users get its new terms with their next renewal or change."""
        await self._plans.list()  # the built-in ones are there before one of them is changed

        async def work(tx: Transaction, _id: str) -> Change:
            at = plan_path(plan.id)
            former = await tx.get(at)
            data = plan.to_data()
            tx.set(at, data)
            return Change("plans.put", at, None if former is None else former.data, data)

        return await self._log.change(order, work)

    def _show(self, data: Data) -> Data:
        """An upstream for people and for the audit trail: what secrets it has, never their values. Objects whose names
        anybody chose are lists, since such names may hold what no field's name may."""
        opened = self._upstreams.decode(data)
        entry = dict(opened.entry)
        key = entry.pop("api_key", None)
        has_key = key is not None or "api_key" in opened.unopened
        own = {"has_api_key": has_key, "enabled": data["enabled"], "added_at": data["created_at"]}
        own["models"] = [{"public": name, "upstream": other} for name, other in sorted(entry.pop("models").items())]
        if opened.unopened:
            own["unopened"] = list(opened.unopened)
        if isinstance(key, dict):
            own["api_key_secret"] = key["secret"]
        if "priced_as" in entry:
            own["priced_as"] = [{"public": name, "price": price} for name, price in sorted(entry["priced_as"].items())]
        for name in SECRET_FIELDS:
            if name in entry:
                own[name] = [{"name": each, "secret": _named(value)} for each, value in sorted(entry[name].items())]
        return {**entry, **own}


def _named(value: object) -> str | None:
    """The name of a secret that is given by its name."""
    return value["secret"] if isinstance(value, dict) else None


def _checked(encode: Callable[[], Data]) -> Data:
    try:
        return encode()
    except ValueError as error:
        message = str(error)
        raise InvalidRequest(f"{message[:1].upper()}{message[1:]}.", code="invalid_upstream") from error


def _price(document: Document | None) -> Data | None:
    if document is None:
        return None
    return {**Price.from_document(document.data).to_document(), "active": document.data["active"]}


def _no_upstream() -> NotFound:
    return NotFound("There is no such upstream. GET /api/admin/upstreams lists them.", param="id")
