"""The length of a context is read as each vendor's list of models tells it."""

from typing import Any

import pytest

from functions.farebox.gateway.listing.contexts import Contexts, read_contexts
from functions.farebox.gateway.routing import Candidate
from functions.farebox.gateway.upstream import Upstream


@pytest.mark.parametrize(
    ("told", "tokens"),
    [
        ({"max_model_len": 8192}, 8192),
        ({"context_window": 131072, "max_completion_tokens": 32768}, 131072),
        ({"context_length": 200_000, "top_provider": {}}, 200_000),
        ({"max_context_length": 32768}, 32768),
        ({"max_context_length": 131072, "loaded_context_length": 4096}, 4096),
        ({"meta": {"n_ctx_train": 131072}}, 131072),
        ({"meta": {"n_ctx": 4096, "n_ctx_train": 131072}}, 4096),
        *(({"max_model_len": wrong}, None) for wrong in (0, -5, 8192.0, "8192", True, None, 10**12, [8192])),
        ({"meta": 5}, None),
        ({}, None),
    ],
)
def test_each_vendors_word_for_it_is_read(told: dict[str, Any], tokens: int | None) -> None:
    assert read_contexts({"data": [{"id": "m", **told}, {"id": "n", **told}]}, {"m"}).get("m") == tokens


def test_the_shortest_of_those_that_may_answer_counts() -> None:
    contexts = Contexts()
    candidates = [Candidate(Upstream(id, "https://x", {"m": "m"}), "m", "m", "m") for id in ("a", "b", "c")]
    assert contexts.least(candidates) is None
    contexts.hear("a", {"m": 8192})
    contexts.hear("b", {"m": 4096, "n": 1})
    assert contexts.least(candidates) == 4096
    assert contexts.least(candidates[:1]) == 8192
    assert contexts.least(candidates[2:]) is None
