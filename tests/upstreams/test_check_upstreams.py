"""The job that checks the upstreams."""

import orjson

from functions.farebox.storage import Store
from tests.support.clients.asgi import refused
from tests.support.product.in_process import running
from tests.support.stand_ins.upstream import StandIn

ADMIN_KEY = "an admin's key of the tests"


async def test_the_job_answers_how_every_upstream_is_and_how_long_it_took(sqlite_store: Store) -> None:
    async with StandIn() as upstream:
        gone = {"id": "gone", "base_url": "http://127.0.0.1:9/v1", "models": {"m": "m"}}
        upstreams = orjson.dumps([upstream.entry("here"), gone]).decode()
        async with running(sqlite_store, FAREBOX_UPSTREAMS=upstreams, ADMIN_SECRET_KEY=ADMIN_KEY) as instance:
            await instance.runtime.data_plane()
            refused(await instance.client.post("/jobs/check-upstreams"), 401, "invalid_token")
            headers = {"x-admin-key": ADMIN_KEY}
            answers = [await instance.client.post("/jobs/check-upstreams", headers=headers) for _ in range(2)]
    for answer in answers:
        found = {one["id"]: one for one in answer.json()["upstreams"]}
        assert found["gone"] == {
            "id": "gone",
            "state": "down",
            "latency_ms": None,
            "error": "no connection",
            "why": "no connection",
            "models": [],
        }
        assert found["here"]["state"] == "up"
        assert found["here"]["latency_ms"] >= 0
