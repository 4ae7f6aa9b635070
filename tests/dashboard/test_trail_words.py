"""The dashboard has words for each field that a trail tells of: keys, plans, prices, codes, upstreams and wallets."""

import re
from collections.abc import Iterator
from dataclasses import fields
from typing import Any

import pytest

from functions.farebox.accounts.plans import BUILTIN, Plan
from functions.farebox.admin.codes import Code
from functions.farebox.gateway.entry.form import Entry
from functions.farebox.keys.api_key import ApiKey
from functions.farebox.keys.lifecycle import SECRET
from functions.farebox.ledger.wallet import Wallet
from functions.farebox.pricing.price import Price
from tests.support.processes import ROOT

WORDS = ROOT / "dashboard/src/kit/trail/words.ts"
NUMBERING = {"seq"}  # the ledger's own, which no trail shows


def names_in(data: dict[str, Any]) -> Iterator[str]:
    """The names of all fields, of those within others too."""
    for name, value in data.items():
        yield name
        if isinstance(value, dict):
            yield from names_in(value)


@pytest.mark.parametrize(
    ("thing", "names"),
    [
        ("keys", {field.name for field in fields(ApiKey)} - {*SECRET}),
        ("plans", set(names_in(BUILTIN[0].to_data())) | {field.name for field in fields(Plan)}),
        (
            "prices",
            {field.name for field in fields(Price) if field.init and field.repr}
            - {"service_tier", "above_prompt_tokens"},
        ),
        ("codes", {field.name for field in fields(Code)}),
        ("upstreams", set(Entry.__struct_fields__)),
        ("wallets", set(names_in(Wallet().to_data())) - NUMBERING),
    ],
    ids=lambda given: given if isinstance(given, str) else "",
)
def test_each_field_that_a_trail_tells_of_has_words(thing: str, names: set[str]) -> None:
    known = set(re.findall(r"^  (\w+): t`", WORDS.read_text(), re.MULTILINE))
    assert names - known == set(), f"fields of {thing} without words"
