"""Who mistypes the name of a model is told the nearest that they may use, and of no other."""

from typing import Any

import pytest

from functions.farebox.data_plane.models.near import MOST_NAMES, did_you_mean
from functions.farebox.storage import Store
from tests.support.money.customers import open_customer
from tests.support.product.in_process import running

NAMES = ["gpt-4o", "gpt-4o-mini", "claude-sonnet-4-5", "echo"]


@pytest.mark.parametrize(
    ("name", "near"),
    [("gpt-4o-mimi", "gpt-4o-mini"), ("GPT-4O", "gpt-4o"), ("claude-sonet-4.5", "claude-sonnet-4-5"), ("eco", "echo")],
)
def test_the_nearest_is_named(name: str, near: str) -> None:
    assert did_you_mean(name, NAMES) == f" Did you mean {near!r}?"


@pytest.mark.parametrize("name", ["", "llama-3", "x" * 200])
def test_where_none_is_near_nothing_is_said(name: str) -> None:
    assert did_you_mean(name, NAMES) == ""


def test_of_names_without_end_some_are_looked_at() -> None:
    assert did_you_mean("last", [*map(str, range(MOST_NAMES)), "last"]) == ""


async def test_a_key_is_told_of_its_own_models_alone(sqlite_store: Store) -> None:
    async with running(sqlite_store) as instance:
        customer = await open_customer(sqlite_store, "1")
        body: dict[str, Any] = {"model": "ecko", "messages": [{"role": "user", "content": "Hello"}]}
        told = await instance.client.post("/v1/chat/completions", headers=customer.bearer, json=body)
        assert (told.status_code, told.json()["error"]["code"]) == (404, "model_not_found")
        assert "Did you mean 'echo'?" in told.json()["error"]["message"]
        told = await instance.client.get("/v1/models/ecko", headers=customer.bearer)
        assert (told.status_code, "Did you mean 'echo'?" in told.json()["error"]["message"]) == (404, True)
        bound = await open_customer(sqlite_store, "1", models=["echo-embedding"])
        told = await instance.client.post("/v1/chat/completions", headers=bound.bearer, json=body)
        assert (told.status_code, told.json()["error"]["code"]) == (403, "model_not_allowed")
        assert "Did you mean" not in told.json()["error"]["message"]
