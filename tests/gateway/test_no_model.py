"""An upstream that has no such model: a client's typo under a pattern, and an operator's to mend where it is named."""

import logging
from typing import Any

import pytest

from functions.edge.asgi.errors import error_headers, kind_of
from functions.farebox.errors import ModelUnknown, UpstreamFailed, UpstreamUnavailable
from functions.farebox.gateway.faults.told_operators import AGAIN_AFTER_S
from functions.farebox.gateway.gateway import Gateway
from tests.support.calls import call_of
from tests.support.fixtures.gateways import MakeGateway
from tests.support.stand_ins.upstream import Reply, StandIn, completion, json_reply, raw, status

MISSING = status(404, message="The model `secret-name` does not exist.", error={"code": "model_not_found"})
INSIDE = json_reply({"error": {"message": "The model `secret-name` does not exist.", "code": 404}})
PAGE = raw(b"<html>nothing here</html>", status=404, headers={"content-type": "text/html"})
STREAMED = pytest.mark.parametrize("streamed", [False, True], ids=["plain", "streamed"])


class Clock:
    def __init__(self) -> None:
        self.now_s = 1000.0

    def __call__(self) -> float:
        return self.now_s


async def failing(gateway: Gateway, model: str, *, streamed: bool = False) -> UpstreamFailed:
    body: dict[str, Any] = {"model": model, "messages": [{"role": "user", "content": "Hi"}], "stream": streamed}
    with pytest.raises(UpstreamFailed) as caught:
        await gateway.open(call_of(body))
    return caught.value


@STREAMED
@pytest.mark.parametrize("reply", [MISSING, INSIDE], ids=["status", "inside a 200"])
async def test_what_a_pattern_routes_and_nobody_has_is_no_model(
    upstream: StandIn, spare: StandIn, make_gateway: MakeGateway, reply: Reply, *, streamed: bool
) -> None:
    upstream.default = spare.default = reply
    models = {"r/*": "*"}
    gateway = make_gateway(upstream.entry("a") | {"models": models}, spare.entry("b", priority=1) | {"models": models})
    for _ in range(5):  # the last ones ask nobody any more
        error = await failing(gateway, "r/typo", streamed=streamed)
        assert isinstance(error, ModelUnknown)
        assert (kind_of(error), error.code, error.param) == ((404, "invalid_request_error"), "model_not_found", "model")
        assert "'r/typo'" in error.message
        assert "secret-name" not in error.message
        assert "Try again" not in error.message
        assert error_headers(error)["x-should-retry"] == "false"


@STREAMED
async def test_a_named_model_that_nobody_has_is_for_an_operator(
    upstream: StandIn, make_gateway: MakeGateway, *, streamed: bool
) -> None:
    upstream.default = MISSING
    gateway = make_gateway(upstream.entry("a", "m"))
    for _ in range(5):
        error = await failing(gateway, "m", streamed=streamed)
        assert (kind_of(error), error.code) == ((502, "upstream_error"), "upstream_error")
        assert "Try again" not in error.message
        assert error_headers(error)["x-should-retry"] == "false"


async def test_a_404_that_says_nothing_of_a_model_is_an_operators_under_a_pattern_too(
    upstream: StandIn, make_gateway: MakeGateway
) -> None:
    upstream.default = PAGE
    error = await failing(make_gateway(upstream.entry("a") | {"models": {"r/*": "*"}}), "r/x")
    assert (kind_of(error)[0], error.would_recur) == (502, True)


@pytest.mark.parametrize("other", [status(500), status(429), status(401)], ids=["500", "429", "401"])
async def test_somebody_who_fails_otherwise_may_have_it(
    upstream: StandIn, spare: StandIn, make_gateway: MakeGateway, other: Reply
) -> None:
    upstream.default, spare.default = MISSING, other
    models = {"r/*": "*"}
    gateway = make_gateway(upstream.entry("a") | {"models": models}, spare.entry("b", priority=1) | {"models": models})
    error = await failing(gateway, "r/x")
    assert (kind_of(error)[0], error.would_recur) == (502, False)
    assert "Try again" in error.message


async def test_a_model_that_fails_otherwise_later_is_unavailable(upstream: StandIn, make_gateway: MakeGateway) -> None:
    upstream.script(MISSING, *[status(500)] * 2)
    gateway = make_gateway(upstream.entry("a") | {"models": {"r/*": "*"}})
    assert isinstance(await failing(gateway, "r/x"), ModelUnknown)
    for _ in range(2):
        assert not isinstance(await failing(gateway, "r/x"), ModelUnknown)
    assert isinstance(await failing(gateway, "r/x"), UpstreamUnavailable)


FAULTS: dict[str, tuple[Reply, str]] = {
    "key": (status(401, message="sk-secret of jane", error={"code": "invalid_api_key"}), "credentials"),
    "credit": (status(402, message="jane owes"), "credit"),
    "model": (MISSING, "no model"),
    "inside a 200": (INSIDE, "no model"),
    "address": (PAGE, "no model"),
}


@STREAMED
@pytest.mark.parametrize(("reply", "reason"), FAULTS.values(), ids=FAULTS.keys())
async def test_an_operator_is_told_of_his_faults_once_a_minute(
    upstream: StandIn,
    spare: StandIn,
    make_gateway: MakeGateway,
    caplog: pytest.LogCaptureFixture,
    reply: Reply,
    reason: str,
    *,
    streamed: bool,
) -> None:
    caplog.set_level(logging.WARNING)
    upstream.default = reply
    clock = Clock()
    ill = [upstream.entry(name, "m", "n", "o") for name in ("a", "b")]
    gateway = make_gateway(*ill, spare.entry("z", "m", "n", "o", priority=1), clock=clock)
    for _ in range(2):
        caplog.clear()
        for model in ("m", "n", "o"):
            body = {"model": model, "messages": [{"role": "user", "content": "Hi"}], "stream": streamed}
            await (await gateway.open(call_of(body))).aclose()
        lines = [record.getMessage() for record in caplog.records if record.name.endswith("told_operators")]
        assert sorted(line.split()[1] for line in lines) == ["a", "b"]
        assert all(record.levelno == logging.WARNING for record in caplog.records)
        for line in lines:
            assert reason in line
            assert "model up-model" in line
            assert not {"sk-secret", "jane", "secret-name"} & set(line.replace("`", " ").split())
        clock.now_s += AGAIN_AFTER_S


async def test_a_clients_typo_and_a_vendors_fault_are_not_told(
    upstream: StandIn, make_gateway: MakeGateway, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING)
    upstream.script(MISSING, status(500), status(429), completion())
    gateway = make_gateway(upstream.entry("a") | {"models": {"r/*": "*"}})
    for model in ("r/typo", "r/x", "r/y"):
        await failing(gateway, model)
    assert not [record for record in caplog.records if record.name.endswith("told_operators")]
