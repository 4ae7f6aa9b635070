"""The whole OpenAPI document, fuzzed: no answer is a fault of ours, and none is outside of its schema."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from schemathesis.checks import not_a_server_error
from schemathesis.core.result import Ok
from schemathesis.specs.openapi.checks import response_schema_conformance

from tests.support.clients.management import AS_ADMIN, AS_GATEWAY, DOORS
from tests.support.patience import PATIENCE_S
from tests.support.processes import ROOT, clean_environment, free_port, serving

# Calls that end what the others need, or take the whole database each time.
LEFT_OUT = {("POST", "/api/admin/verify-books"), ("POST", "/jobs/auto-recharge"), ("POST", "/jobs/send-alerts")}
DOOR_HEADERS = {"authorization", "x-admin-key", "x-api-key", "host"}
EXAMPLES = int(os.environ.get("FAREBOX_EXAMPLES", "6"))  # of each call
CHECKS = [not_a_server_error, response_schema_conformance]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, dict[str, str]]]:
    """A server of everything, and the headers of a user's token and of an API key."""
    folder, port = tmp_path_factory.mktemp("fuzz"), free_port()
    environment = {**clean_environment(Path(folder), **DOORS), "PORT": str(port)}
    with (
        serving([str(ROOT / "main.py")], folder, port, environment, program=None) as running,
        httpx.Client(timeout=PATIENCE_S) as client,
    ):
        body = {"email": "ada@example.com", "password": "a long password"}
        session = client.post(f"{running.url}/api/auth/register", json=body).json()
        bearer = {"authorization": f"Bearer {session['token']}"}
        key = client.post(f"{running.url}/api/keys", json={"name": "x"}, headers=bearer).json()
        yield running.url, {"token": session["token"], "key": key["key"]}
        assert running.stop() == 0
    assert "Traceback" not in running.log.read_text()


@pytest.mark.timeout(1800)  # twenty seconds of a processor, and in a soak minutes, however busy that is
def test_no_request_breaks_the_server_or_its_own_description(server: tuple[str, dict[str, str]]) -> None:
    url, secrets = server
    document: dict[str, Any] = httpx.get(f"{url}/openapi.json", timeout=60).json()
    schema = schemathesis.openapi.from_dict(document)
    faults: dict[str, str] = {}
    calls = [found.ok() for found in schema.get_all_operations() if isinstance(found, Ok)]
    assert len(calls) == sum(len(operations) for operations in document["paths"].values())
    with httpx.Client(base_url=url, timeout=PATIENCE_S) as client:
        for call in calls:
            if (call.method.upper(), call.path) in LEFT_OUT:
                continue
            try:
                fuzz(call, client, secrets)
            except AssertionError as error:
                faults[f"{call.method} {call.path}"] = str(error)
            except BaseExceptionGroup as error:
                faults[f"{call.method} {call.path}"] = "\n".join(str(each) for each in error.exceptions)
    assert not faults, "\n\n".join(f"{call}: {fault}" for call, fault in faults.items())


def fuzz(call: Any, client: httpx.Client, secrets: dict[str, str]) -> None:
    """Send a call whatever its description allows."""

    @seed(0)
    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=call.as_strategy())
    def send(case: Any) -> None:
        request = case.as_transport_kwargs(base_url=str(client.base_url))
        own = {name: value for name, value in request["headers"].items() if name.lower() not in DOOR_HEADERS}
        answer = client.request(
            request["method"],
            request["url"],
            params=request.get("params"),
            headers={**own, **credentials(call, secrets)},
            json=request.get("json"),
            content=request.get("data"),
        )
        case.validate_response(answer, checks=CHECKS)

    send()


def credentials(call: Any, secrets: dict[str, str]) -> dict[str, str]:
    """What opens the door of a call."""
    if call.path.startswith("/v1/"):
        return {"authorization": f"Bearer {secrets['key']}"}
    if call.path.startswith(("/api/admin", "/jobs")):
        return AS_ADMIN
    return {**AS_GATEWAY, "authorization": f"Bearer {secrets['token']}"}
