"""What Cloud Logging counts is what the code says: each path is gone, and its real line held against the filter."""

import asyncio
import io
import json
import logging
import re
from collections.abc import Awaitable, Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from functions.edge.asgi.app import edge_app
from functions.edge.asgi.framework_entry import serve
from functions.farebox.billing.apply_event import apply_event
from functions.farebox.billing.events import PaymentEvent, Unmatched
from functions.farebox.jobs.schedule import run_job
from functions.farebox.observability.logs import CloudFormatter, LogSettings, set_up_logs
from functions.farebox.storage import Create, Store
from functions.farebox.wiring.runtime import Runtime
from tests.infra.terraform import read_module
from tests.support.clients.asgi import client_of
from tests.support.clients.load import MODEL, completion_of
from tests.support.money.customers import open_customer
from tests.support.processes import free_port
from tests.support.product.in_process import Instance, running
from tests.support.stand_ins.upstream import StandIn

PRICING = {MODEL: {"input_usd_per_1m": "1", "output_usd_per_1m": "2"}}
SEVERITIES = ["DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"]
OPERATORS: dict[str, Callable[[Any, str], bool]] = {
    "=": lambda value, wanted: str(value) == wanted,
    ":": lambda value, wanted: wanted.lower() in str(value).lower(),
    ">": lambda value, wanted: float(value) > float(wanted),
    ">=": lambda value, wanted: SEVERITIES.index(value) >= SEVERITIES.index(wanted),
}


class Copy(logging.StreamHandler[io.StringIO]):
    """A plain one would go wherever logs are set up again."""


@pytest.fixture
def told() -> Iterator[Callable[[], list[dict[str, Any]]]]:
    """The lines so far, as they come out on Cloud Run."""
    output = io.StringIO()
    handler = Copy(output)
    handler.setFormatter(CloudFormatter("project"))
    root, ours = logging.getLogger(), logging.getLogger("farebox")
    handlers, levels = list(root.handlers), (root.level, ours.level)
    set_up_logs(LogSettings(as_json=True, project="project", level=logging.INFO))
    root.addHandler(handler)
    yield lambda: [json.loads(line) for line in output.getvalue().splitlines()]
    root.handlers[:] = handlers
    root.setLevel(levels[0])
    ours.setLevel(levels[1])


@pytest.fixture
async def instance(sqlite_store: Store) -> Any:
    async with StandIn() as upstream, running(sqlite_store, pricing=PRICING, upstream=upstream) as instance:
        yield instance


def matches(filter_: str, line: dict[str, Any]) -> bool:
    """Whether a line passes a filter of Cloud Logging's language; what is about the resource is Cloud Run's to say.

    `field="x"` is equality, `field:"x"` means that it holds x, and severities are ordered.
    """
    for clause in filter_.split(" AND "):
        found = re.fullmatch(r"(\S+?)(=~|>=|=|:|>)\"?(.*?)\"?", clause.strip())
        assert found, clause
        name, operator, wanted = found.groups()
        if name.startswith("resource."):
            continue
        value = line.get(name.removeprefix("jsonPayload."))
        if value is None:
            return False
        if not OPERATORS[operator](value, wanted):
            return False
    return True


def filters() -> dict[str, str]:
    """Every filter of a metric that functions' logs are counted by."""
    infra = read_module()
    template = infra.resources["google_logging_metric.log"]["filter"]
    made = {
        name: template.replace("${each.value.phrase}", metric["phrase"])
        for name, metric in infra.locals["log_metric"].items()
    }
    charged = infra.resources["google_logging_metric.charged"]["filter"]
    made["charged"] = charged.replace("${local.charged_log}", infra.locals["charged_log"])
    return {name: text.replace("${local.function_logs}", 'resource.type="x"') for name, text in made.items()}


async def break_down(instance: Instance) -> None:
    async def fail(_request: Request) -> Response:
        raise RuntimeError

    async with client_of(edge_app(instance.runtime, [Route("/", fail)])) as client:
        await client.get("/")


async def lose_a_request(instance: Instance) -> None:
    store, now = await instance.runtime.store(), instance.runtime.now()
    record = {"user": "u", "key": "k", "lease": "gone", "status": "pending", "model": MODEL, "accounted": False}
    await store.write(Create("usage/stray", {**record, "created_at": now - timedelta(days=1)}))
    await run_job("sweep-leases", instance.runtime)


async def lose_an_upstream(instance: Instance) -> None:
    down = {"id": "down", "base_url": f"http://127.0.0.1:{free_port()}", "models": {"m": "m"}}
    runtime = Runtime(instance.runtime.config, open_store=lambda _config: instance.runtime.store())
    plane = await runtime.data_plane()
    await plane.upstreams.seed([down], force=True)
    await run_job("check-upstreams", runtime)


async def lose_the_price_list(instance: Instance) -> None:
    prices = (await instance.runtime.data_plane()).prices
    prices._prices = None  # nothing is known yet,
    prices._store = None  # type: ignore[assignment] # and nothing can be learnt
    await prices._load()


async def take_money_for_nobody(instance: Instance) -> None:
    lone = PaymentEvent("stripe", "evt_1", "charge.succeeded", Unmatched("not_ours", "pi_1", amount=1, currency="eur"))
    await apply_event(await instance.runtime.store(), lone, instance.runtime.now())


async def hang_at_the_end(instance: Instance) -> None:
    runtime = Runtime(instance.runtime.config)

    async def hang() -> None:
        await asyncio.sleep(60)

    runtime.on_close(hang)
    await runtime.close(timeout_s=0.01)


async def misconfigure(_instance: Instance) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("FAREBOX_IDENTITY", "nobody")
        await serve("keys")


async def sell(instance: Instance) -> None:
    customer = await open_customer(await instance.runtime.store(), "1", now=instance.runtime.now)
    assert (await instance.ask(customer.bearer, completion_of(max_tokens=20))).status_code == 200


PATHS: dict[str, Callable[[Instance], Awaitable[None]]] = {
    "internal_errors": break_down,
    "lost_requests": lose_a_request,
    "upstreams_down": lose_an_upstream,
    "stale_prices": lose_the_price_list,
    "unclean_shutdowns": hang_at_the_end,
    "bad_configurations": misconfigure,
    "unmatched_payments": take_money_for_nobody,
    "charged": sell,
}


def test_every_metric_has_a_path_that_leads_to_it() -> None:
    assert PATHS.keys() == filters().keys()


@pytest.mark.parametrize("name", PATHS)
async def test_what_happens_is_counted_by_its_own_metric_and_no_other(
    name: str, instance: Instance, told: Callable[[], list[dict[str, Any]]]
) -> None:
    await PATHS[name](instance)
    counted = {metric: sum(matches(text, line) for line in told()) for metric, text in filters().items()}
    assert counted.pop(name) == 1
    assert set(counted.values()) == {0}, counted


async def test_the_money_that_is_counted_is_the_money_that_was_charged(
    instance: Instance, told: Callable[[], list[dict[str, Any]]]
) -> None:
    store = await instance.runtime.store()
    customer = await open_customer(store, "1", now=instance.runtime.now)
    for stream in (False, True):
        await instance.ask(customer.bearer, completion_of(stream=stream, max_tokens=20))
    extract = read_module().resources["google_logging_metric.charged"]["value_extractor"]
    field = re.fullmatch(r"EXTRACT\(jsonPayload\.(\w+)\)", extract)
    assert field
    lines = [line for line in told() if matches(filters()["charged"], line)]
    charged = (await store.sums("usage", ["charged"]))["charged"]
    assert sum(line[field[1]] for line in lines) == charged > 0


def test_a_line_without_a_field_of_a_filter_does_not_pass() -> None:
    line = {"severity": "ERROR", "message": "an upstream is down: x", "logger": "farebox.jobs"}
    assert matches(filters()["upstreams_down"], line)
    for changed in ({"severity": "INFO"}, {"message": "all is well"}):
        assert not matches(filters()["upstreams_down"], {**line, **changed})
    assert not matches(filters()["charged"], line)
