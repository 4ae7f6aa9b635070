"""Edge `keys`: making, listing, changing, rotating and revoking API keys."""

from typing import Annotated, Any

from fastapi import FastAPI
from pydantic import Field, StringConstraints
from starlette.responses import StreamingResponse

from functions.edge.chat.model_entry import model_entry
from functions.edge.rest.acting import may
from functions.edge.rest.answers.budgets import SPEND_EVER
from functions.edge.rest.answers.keys import Key, KeyId, Rate, export_keys_of, list_keys_of, show_key
from functions.edge.rest.answers.measures import MeasuresAnswer, show_measures
from functions.edge.rest.app import Body, Wired, management_app
from functions.edge.rest.bodies.models import ModelList
from functions.edge.rest.export import Format, offer_export
from functions.edge.rest.money import NonNegativeUsd
from functions.edge.rest.paging import DEFAULT_LIMIT, Cursor, Limit, ListAnswer, Moment
from functions.edge.rest.text import Models, Name, Networks
from functions.farebox.accounts.terms import read_multiplier
from functions.farebox.data_plane.models.served_models import models_of_user
from functions.farebox.keys.api_key import ApiKey
from functions.farebox.keys.lifecycle import BUDGETS, MAX_GRACE_S
from functions.farebox.keys.reach import KeyReach
from functions.farebox.kit.slugs import ID
from functions.farebox.organisations.acting import Acting
from functions.farebox.organisations.rights import KeyScope
from functions.farebox.usage.measures import KeptMeasures
from functions.farebox.wiring.runtime import Runtime

Scopes = Annotated[list[KeyScope], Field(min_length=1, max_length=4)]
GroupId = Annotated[str, StringConstraints(pattern=ID)]
Reading = Annotated[Acting, may("keys.read")]
Changing = Annotated[Acting, may("keys.change")]


class KeyTerms(Body):
    """What a key may do. `null` is no limit."""

    expires_at: Moment | None = None
    models: Models | None = Field(None, description="The models that it may use; null: all")
    rpm: Rate | None = Field(None, description="Requests a minute")
    tpm: Rate | None = Field(None, description="Tokens a minute")
    rpd: Rate | None = Field(None, description="Requests a day (UTC)")
    monthly_budget_usd: NonNegativeUsd | None = Field(None, description="Spend in a calendar month")
    daily_budget_usd: NonNegativeUsd | None = Field(None, description="Spend in a day of the account's time zone")
    weekly_budget_usd: NonNegativeUsd | None = Field(None, description="Spend in a week, Monday to Sunday")
    total_budget_usd: NonNegativeUsd | None = Field(None, description=SPEND_EVER)
    scopes: Scopes = Field(
        default_factory=list,
        description="What it is for: `inference` unless said otherwise; with `keys` it makes keys of its own",
    )  # never null
    allowed_ips: Networks | None = Field(None, description="Addresses and CIDR ranges to use it from; null: any")


class NewKey(KeyTerms):
    """A key to make. What it belongs to stays as it is made."""

    name: Name
    member: GroupId | None = Field(None, description="Whose key it is to be; without one, and nothing below, yours")
    service_account: GroupId | None = Field(None, description="That is to hold it, so that it outlives people")
    project: GroupId | None = Field(None, description="Whose budget counts as well")


class KeyChange(KeyTerms):
    """What to change of a key. What is absent stays; `null` lifts a limit."""

    name: Name = Field(default_factory=str)  # never null


class Rotation(Body):
    """How to change over to a new secret."""

    grace_seconds: Annotated[int, Field(strict=True, ge=0, le=MAX_GRACE_S)] = 0


class KeyWithSecret(Key):
    """A key just made. Nobody can tell its secret again."""

    key: str


def make_app(runtime: Runtime) -> FastAPI:
    """The edge's app."""
    app = management_app(runtime, "Farebox keys")
    measures = KeptMeasures()

    @app.post("/api/keys", status_code=201, tags=["keys"])
    async def create_key(body: NewKey, acting: Changing, runtime: Wired) -> KeyWithSecret:
        """Make a key. `key` is in this answer only."""
        keys = await runtime.keys()
        key, text = await keys.create(acting.org, _terms(body), acting)
        [use] = await keys.use_of(key)
        return KeyWithSecret(**show_key(key, use, runtime.now()), key=text)

    @app.get("/api/keys", tags=["keys"])
    async def list_keys(
        acting: Reading, runtime: Wired, limit: Limit = DEFAULT_LIMIT, cursor: Cursor = None
    ) -> ListAnswer[Key]:
        """The keys that one may see, revoked ones too, newest first."""
        return await list_keys_of(KeyReach.of(acting), runtime, limit=limit, cursor=cursor)

    @offer_export(app, "/api/keys", "keys", "The keys")
    async def export_keys(acting: Reading, runtime: Wired, format: Format = "csv") -> StreamingResponse:
        """The keys that `/api/keys` lists, without their secrets, as a download."""
        return export_keys_of(KeyReach.of(acting), runtime, format)

    @app.get("/api/keys/{id}", tags=["keys"])
    async def read_key(id: KeyId, acting: Reading, runtime: Wired) -> Key:
        """One key."""
        return await _answer(runtime, await (await runtime.keys()).get(acting.org, id, acting))

    @app.patch("/api/keys/{id}", tags=["keys"])
    async def change_key(id: KeyId, body: KeyChange, acting: Changing, runtime: Wired) -> Key:
        """Change a key's terms. They hold everywhere within 5 seconds."""
        return await _answer(runtime, await (await runtime.keys()).change(acting.org, id, _terms(body), acting))

    @app.delete("/api/keys/{id}", tags=["keys"])
    async def revoke_key(id: KeyId, acting: Changing, runtime: Wired) -> Key:
        """Revoke a key, for good. It is refused everywhere within 5 seconds; its record stays."""
        return await _answer(runtime, await (await runtime.keys()).revoke(acting.org, id, acting))

    @app.post("/api/keys/{id}/rotate", tags=["keys"])
    async def rotate_key(id: KeyId, acting: Changing, runtime: Wired, body: Rotation | None = None) -> KeyWithSecret:
        """Give a key a new secret. The old one works for `grace_seconds` more."""
        keys = await runtime.keys()
        key, text = await keys.rotate(acting.org, id, body.grace_seconds if body else 0, acting)
        [use] = await keys.use_of(key)
        return KeyWithSecret(**show_key(key, use, runtime.now()), key=text)

    @app.get("/api/models", tags=["keys"], response_model_exclude_unset=True)
    async def list_own_models(acting: Annotated[Acting, may("models.read")], runtime: Wired) -> ModelList:
        """The models that one's keys may use, with their prices: what `GET /v1/models` tells a key without limits."""
        store = await runtime.store()
        multiplier = await read_multiplier(store, acting.org)
        models = [model_entry(price, multiplier) for price in await models_of_user(store, acting.org)]
        return ModelList.model_validate({"object": "list", "data": models})

    @app.get("/api/models/measures", tags=["keys"])
    async def read_measures(acting: Annotated[Acting, may("models.read")], runtime: Wired) -> MeasuresAnswer:
        """How fast the models that one's keys may use answered in the last days, and how many requests did not fail, of
        everybody's requests: as of five minutes ago at the latest."""
        store = await runtime.store()
        measured = await measures.read(store, runtime.now())
        own = {price.model for price in await models_of_user(store, acting.org)}
        return show_measures(measured, own)

    return app


def _terms(body: KeyTerms) -> dict[str, Any]:
    """What the client named, in the library's words."""
    terms = {name: getattr(body, name) for name in body.model_fields_set}
    for name in BUDGETS:
        if f"{name}_usd" in terms:
            terms[name] = terms.pop(f"{name}_usd")
    if terms.get("allowed_ips") is not None:
        terms["allowed_ips"] = tuple(dict.fromkeys(terms["allowed_ips"]))
    if terms.get("models") is not None:
        terms["models"] = tuple(dict.fromkeys(terms["models"]))
    if "scopes" in terms:
        terms["scopes"] = tuple(dict.fromkeys(terms["scopes"]))
    return terms


async def _answer(runtime: Runtime, key: ApiKey) -> Key:
    [use] = await (await runtime.keys()).use_of(key)
    return Key(**show_key(key, use, runtime.now()))
