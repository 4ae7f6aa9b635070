"""Edge `keys`: making, listing, changing, rotating and revoking API keys."""

from typing import Annotated, Any

from fastapi import FastAPI
from pydantic import Field

from functions.edge.chat.model_entry import model_entry
from functions.edge.rest.app import ActiveUser, Body, Wired, management_app
from functions.edge.rest.data_plane_bodies import ModelList
from functions.edge.rest.keys import Key, KeyId, Rate, list_keys_of, show_key
from functions.edge.rest.money import NonNegativeUsd
from functions.edge.rest.paging import DEFAULT_LIMIT, Cursor, Limit, ListAnswer, Moment
from functions.edge.rest.text import Models, Name
from functions.farebox.data_plane.models.served_models import models_of_user
from functions.farebox.keys.api_key import ApiKey
from functions.farebox.keys.lifecycle import MAX_GRACE_S, KeyUse
from functions.farebox.wiring.runtime import Runtime


class KeyTerms(Body):
    """What a key may do. `null` is no limit."""

    expires_at: Moment | None = None
    models: Models | None = Field(None, description="The models that it may use; null: all")
    rpm: Rate | None = Field(None, description="Requests a minute")
    tpm: Rate | None = Field(None, description="Tokens a minute")
    rpd: Rate | None = Field(None, description="Requests a day (UTC)")
    monthly_budget_usd: NonNegativeUsd | None = Field(None, description="Spend in a calendar month")


class NewKey(KeyTerms):
    """A key to make."""

    name: Name


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

    @app.post("/api/keys", status_code=201, tags=["keys"])
    async def create_key(body: NewKey, person: ActiveUser, runtime: Wired) -> KeyWithSecret:
        """Make a key. `key` is in this answer only."""
        key, text = await (await runtime.keys()).create(person.uid, _terms(body))
        return KeyWithSecret(**show_key(key, KeyUse(None, None, 0)), key=text)

    @app.get("/api/keys", tags=["keys"])
    async def list_keys(
        person: ActiveUser, runtime: Wired, limit: Limit = DEFAULT_LIMIT, cursor: Cursor = None
    ) -> ListAnswer[Key]:
        """One's keys, revoked ones too, newest first."""
        return await list_keys_of(person.uid, runtime, limit=limit, cursor=cursor)

    @app.get("/api/keys/{id}", tags=["keys"])
    async def read_key(id: KeyId, person: ActiveUser, runtime: Wired) -> Key:
        """One key."""
        return await _answer(runtime, await (await runtime.keys()).get(person.uid, id))

    @app.patch("/api/keys/{id}", tags=["keys"])
    async def change_key(id: KeyId, body: KeyChange, person: ActiveUser, runtime: Wired) -> Key:
        """Change a key's terms. They hold everywhere within 5 seconds."""
        return await _answer(runtime, await (await runtime.keys()).change(person.uid, id, _terms(body)))

    @app.delete("/api/keys/{id}", tags=["keys"])
    async def revoke_key(id: KeyId, person: ActiveUser, runtime: Wired) -> Key:
        """Revoke a key, for good. It is refused everywhere within 5 seconds; its record stays."""
        return await _answer(runtime, await (await runtime.keys()).revoke(person.uid, id))

    @app.post("/api/keys/{id}/rotate", tags=["keys"])
    async def rotate_key(id: KeyId, person: ActiveUser, runtime: Wired, body: Rotation | None = None) -> KeyWithSecret:
        """Give a key a new secret. The old one works for `grace_seconds` more."""
        keys = await runtime.keys()
        key, text = await keys.rotate(person.uid, id, body.grace_seconds if body else 0)
        [use] = await keys.use_of(id)
        return KeyWithSecret(**show_key(key, use), key=text)

    @app.get("/api/models", tags=["keys"])
    async def list_own_models(person: ActiveUser, runtime: Wired) -> ModelList:
        """The models that one's keys may use, with their prices: what `GET /v1/models` tells a key without limits."""
        models = [model_entry(price) for price in await models_of_user(await runtime.store(), person.uid)]
        return ModelList.model_validate({"object": "list", "data": models})

    return app


def _terms(body: KeyTerms) -> dict[str, Any]:
    """What the client named, in the library's words."""
    terms = {name: getattr(body, name) for name in body.model_fields_set}
    if "monthly_budget_usd" in terms:
        terms["monthly_budget"] = terms.pop("monthly_budget_usd")
    if terms.get("models") is not None:
        terms["models"] = tuple(dict.fromkeys(terms["models"]))
    return terms


async def _answer(runtime: Runtime, key: ApiKey) -> Key:
    [use] = await (await runtime.keys()).use_of(key.id)
    return Key(**show_key(key, use))
