"""What failed: summed up by what it has in common, narrowed, and told request by request."""

from datetime import timedelta
from typing import Any

import httpx
import pytest

from functions.farebox.storage import Create, Store
from functions.farebox.usage import failures
from functions.farebox.usage.record import Outcome, UsageRecord, UsageStatus
from tests.support.clients.management import done, register
from tests.support.product.runtime import START

DOWN, REFUSED = "every upstream failed", "the upstream refused the request"


def record(uid: str, number: int, status: UsageStatus, *upstreams: str, error: str | None = None) -> Create:
    """A request of `number` hours before the start. Its upstreams failed, but for the last where it went well."""
    attempts = [
        {"upstream": name, "outcome": "answered" if status == "ok" and name == upstreams[-1] else "timeout"}
        for name in upstreams
    ]
    outcome = Outcome(status, upstreams[-1] if upstreams else None, attempts=attempts, error=error, latency_ms=5)
    model = f"m{number % 2}"
    made = UsageRecord(uid, "k", model, START - timedelta(hours=number), request_id=f"r{number}", outcome=outcome)
    return Create(f"usage/use_{number}", made.to_data())


@pytest.fixture
async def ada(client: httpx.AsyncClient, sqlite_store: Store) -> str:
    ada, _ = await register(client)
    await sqlite_store.write(
        record(ada, 1, "error", "a", "b", error=DOWN),
        record(ada, 2, "error", "b", error=REFUSED),
        record("gone", 3, "error", error=DOWN),
        record(ada, 4, "ok", "a", "b"),
        record(ada, 30, "error", "a", error=DOWN),
    )
    return ada


async def find(admin: httpx.AsyncClient, **params: str) -> Any:
    return await done(admin.get("/api/admin/failures", params=params))


async def test_failures_are_summed_up_by_what_they_have_in_common(admin: httpx.AsyncClient, ada: str) -> None:
    found = await find(admin)

    def counted(by: str, name: str = "name") -> dict[str, int]:
        return {each[name]: each["count"] for each in found[f"by_{by}"]}

    assert found["count"] == 3
    assert counted("upstream") == {"b": 2, "a": 1, "": 1}
    assert counted("model") == {"m1": 2, "m0": 1}
    assert counted("reason") == {DOWN: 2, REFUSED: 1}
    assert counted("user") == {"ada@example.com": 2, "gone": 1}
    assert len(found["by_hour"]) == 3
    assert [each["request_id"] for each in found["newest"]] == ["r1", "r2", "r3"]
    assert [each["failed_upstreams"] for each in found["newest"]] == [["a", "b"], ["b"], []]
    assert found["newest"][0]["user_id"] == ada


@pytest.mark.parametrize(
    ("params", "expected"),
    [
        ({"upstream": "a"}, ["r1"]),
        ({"upstream": ""}, ["r3"]),
        ({"reason": REFUSED}, ["r2"]),
        ({"model": "m1"}, ["r1", "r3"]),
        ({"user_id": "gone"}, ["r3"]),
        ({"hours": "168", "upstream": "a"}, ["r1", "r30"]),
        ({"upstream": "a", "reason": REFUSED}, []),
    ],
)
async def test_they_are_narrowed_by_all_that_is_named_at_once(
    admin: httpx.AsyncClient, ada: str, params: dict[str, str], expected: list[str]
) -> None:
    found = await find(admin, **params)
    assert [each["request_id"] for each in found["newest"]] == expected
    assert found["count"] == len(expected)


async def test_where_there_are_too_many_it_says_since_when_they_are_all_counted(
    admin: httpx.AsyncClient, ada: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(failures, "MOST_WALKED", 2)
    found = await find(admin)
    assert found["count"] == 2
    assert found["complete_since"] == (START - timedelta(hours=3)).isoformat().replace("+00:00", "Z")
