"""The jobs: at the scheduler's door, and by themselves in the embedded run."""

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from starlette.requests import Request

from functions.edge.asgi import machine_auth as machines
from functions.farebox.errors import Unauthenticated
from functions.farebox.jobs.schedule import JOBS, run_job, run_on_schedule
from functions.farebox.storage import Set, Store
from functions.farebox.wiring.runtime import Runtime
from functions.scheduled import make_app
from tests.support.product.runtime import Clock, runtime_over

ADMIN_KEY = "an admin key of forty-odd characters, at least"
SCHEDULER = "scheduler@project.iam.gserviceaccount.com"


def runtime_of(store: Store, folder: Path, **variables: str) -> Runtime:
    return runtime_over(store, f"sqlite:///{folder}/farebox.db", Clock(), **variables)


async def post(runtime: Runtime, path: str, **headers: str) -> httpx.Response:
    transport = httpx.ASGITransport(make_app(runtime))
    async with httpx.AsyncClient(transport=transport, base_url="http://jobs") as client:
        return await client.post(path, headers=headers)


async def test_a_job_answers_what_it_did_and_leaves_a_note_of_it(store: Store, tmp_path: Path) -> None:
    runtime = runtime_of(store, tmp_path, ADMIN_SECRET_KEY=ADMIN_KEY)
    answer = await post(runtime, "/jobs/sweep-leases", **{"x-admin-key": ADMIN_KEY})
    assert answer.status_code == 200
    assert answer.json()["leases"] == 0
    note = await store.get("jobs/sweep-leases")
    assert note is not None
    assert note.data["done"] == answer.json()


async def test_what_has_expired_goes_in_the_embedded_run(sqlite_store: Store, tmp_path: Path) -> None:
    runtime = runtime_of(sqlite_store, tmp_path)
    await sqlite_store.write(Set("attempts/a", {"expires_at": runtime.now()}))
    assert await run_job("forget-usage", runtime) == {"complete": True, "expired": 1}
    assert await sqlite_store.get("attempts/a") is None


async def test_the_door_is_shut_without_a_key_with_a_wrong_one_and_while_none_is_configured(
    store: Store, tmp_path: Path
) -> None:
    configured = runtime_of(store, tmp_path / "a", ADMIN_SECRET_KEY=ADMIN_KEY, FAREBOX_SCHEDULER_ACCOUNT=SCHEDULER)
    for headers in ({}, {"x-admin-key": "wrong"}, {"authorization": "Bearer nonsense"}):
        assert (await post(configured, "/jobs/sweep-leases", **headers)).status_code == 401
    unconfigured = runtime_of(store, tmp_path / "b")
    for headers in ({"x-admin-key": ""}, {"x-admin-key": "None"}, {"authorization": "Bearer nonsense"}):
        assert (await post(unconfigured, "/jobs/sweep-leases", **headers)).status_code == 401


@pytest.mark.parametrize(
    ("changes", "admitted"),
    [
        ({}, True),
        ({"email": "somebody@else.com"}, False),
        ({"email_verified": False}, False),
        ({"aud": "https://elsewhere.example"}, False),
        ({"iss": "https://evil.example"}, False),
        ({"exp": datetime(2020, 1, 1, tzinfo=UTC)}, False),
    ],
)
async def test_the_schedulers_token_opens_and_no_other(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, changes: dict[str, object], admitted: bool
) -> None:
    runtime = runtime_of(
        store, tmp_path, FAREBOX_SCHEDULER_ACCOUNT=SCHEDULER, FAREBOX_PUBLIC_URL="https://farebox.example"
    )
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    claims = {
        "iss": "https://accounts.google.com",
        "aud": "https://farebox.example",
        "email": SCHEDULER,
        "email_verified": True,
        "exp": datetime.now(UTC) + timedelta(minutes=5),
        **changes,
    }
    token = jwt.encode(claims, key, algorithm="RS256", headers={"kid": "k1"})

    class Keys:
        def get_signing_key_from_jwt(self, _token: str) -> jwt.PyJWK:
            return jwt.PyJWK({**jwt.algorithms.RSAAlgorithm.to_jwk(key.public_key(), as_dict=True), "alg": "RS256"})

    monkeypatch.setattr(machines, "_keys", lambda _url: Keys())
    request = Request({"type": "http", "headers": [(b"authorization", f"Bearer {token}".encode())]})
    if admitted:
        await machines.admit_scheduler(request, runtime.config)
    else:
        with pytest.raises(Unauthenticated):
            await machines.admit_scheduler(request, runtime.config)


async def test_the_embedded_run_calls_every_job_by_itself(sqlite_store: Store, tmp_path: Path) -> None:
    runtime = runtime_of(sqlite_store, tmp_path)
    running = asyncio.create_task(run_on_schedule(runtime))
    async with asyncio.timeout(60):
        while not all(await sqlite_store.get_many(*(f"jobs/{name}" for name in JOBS))):
            await asyncio.sleep(0.02)
    running.cancel()
    await asyncio.wait([running])
    await runtime.close()


async def test_a_job_may_run_at_once_with_itself(store: Store, tmp_path: Path) -> None:
    runtime = runtime_of(store, tmp_path)
    await asyncio.gather(*(run_job("sweep-leases", runtime) for _ in range(5)))


async def test_every_job_tells_the_scheduler_what_it_did(sqlite_store: Store, tmp_path: Path) -> None:
    runtime = runtime_of(sqlite_store, tmp_path, ADMIN_SECRET_KEY=ADMIN_KEY, FAREBOX_KEEP_USAGE_DAYS="35")
    for name in JOBS:
        answer = await post(runtime, f"/jobs/{name}", **{"x-admin-key": ADMIN_KEY})
        assert answer.status_code == 200, answer.text
        assert answer.json(), name
    await runtime.close()
