"""`infra/` deploys what the code is, and neither can change without the other."""

import copy
import inspect
import re
from collections.abc import Callable
from pathlib import Path
from typing import get_args

import pytest

import main
from functions.edge.asgi.deployables import EDGES
from functions.farebox.config import IdentityName, PaymentsName
from functions.farebox.jobs.schedule import JOBS
from functions.farebox.storage.pages import TimeRange
from functions.farebox.usage.listing import UsageFilter
from tests.infra import agreement
from tests.infra.terraform import Configuration, read_module
from tests.support.source.query_shapes import FUNCTIONS, OPTIONAL, shapes_in_code

ROOT = FUNCTIONS.parent

# Variables that have no place in a deployment.
ELSEWHERE = {
    "PORT": "Cloud Run's", "K_SERVICE": "Cloud Run's", "FAREBOX_HOST": "functions-framework listens",
    "FAREBOX_MAX_CONNECTIONS": "Cloud Run counts requests",
    "STRIPE_API_BASE": "a stand-in server", "CREEM_API_BASE": "a stand-in server",
    "FAREBOX_CAPTCHA_URL": "a stand-in server",
    "OTEL_SERVICE_NAME": "K_SERVICE is the name there",
    "FIRESTORE_EMULATOR_HOST": "refused on Cloud Run", "FIREBASE_AUTH_EMULATOR_HOST": "refused on Cloud Run",
}  # fmt: skip


@pytest.fixture(scope="module")
def infra() -> Configuration:
    return read_module()


def documented() -> dict[str, bool]:
    """Every variable of docs/configuration.md (which a test holds to the code), and whether it is a secret."""
    rows = re.findall(r"^\| `(\w+)` \|.*?\| (.*) \|$", (ROOT / "docs/configuration.md").read_text(), re.MULTILINE)
    return {name: says.startswith("*secret*") for name, says in rows}


def function_faults(infra: Configuration) -> list[str]:
    targets = {name for name, value in vars(main).items() if inspect.iscoroutinefunction(value) and name != "serve"}
    assert targets == EDGES.keys()
    return agreement.function_faults(infra, EDGES)


def job_faults(infra: Configuration) -> list[str]:
    return agreement.job_faults(infra, {name: job.every_s for name, job in JOBS.items()})


def secret_faults(infra: Configuration) -> list[str]:
    return agreement.secret_faults(infra, (name for name, is_secret in documented().items() if is_secret))


def variable_faults(infra: Configuration) -> list[str]:
    return agreement.variable_faults(infra, (name for name, secret in documented().items() if not secret), ELSEWHERE)


def index_faults(infra: Configuration) -> list[str]:
    return agreement.index_faults(infra, shapes_in_code())


def ttl_faults(infra: Configuration) -> list[str]:
    return agreement.ttl_faults(infra, agreement.expiry_writers())


CHECKS = (function_faults, job_faults, secret_faults, variable_faults, index_faults, ttl_faults)


@pytest.mark.parametrize("check", CHECKS)
def test_the_infrastructure_and_the_code_say_the_same(
    check: Callable[[Configuration], list[str]], infra: Configuration
) -> None:
    assert check(infra) == []


@pytest.mark.parametrize(
    ("kind", "check"),
    [
        ("function", function_faults),
        ("job", job_faults),
        ("composite_index", index_faults),
        ("group_index", index_faults),
        ("ttl_field", ttl_faults),
    ],
)
def test_what_is_missing_from_the_infrastructure_or_too_much_is_found(
    infra: Configuration, kind: str, check: Callable[[Configuration], list[str]]
) -> None:
    for name in infra.locals[kind]:
        without = copy.deepcopy(infra)
        gone = without.locals[kind].pop(name)
        assert new_faults(check, without, infra), f"nobody misses {kind}.{name}"
        more = copy.deepcopy(infra)
        more.locals[kind]["new"] = _renamed(gone)
        assert new_faults(check, more, infra), f"nobody minds another {kind}"


def test_a_secret_or_variable_that_is_missing_from_the_infrastructure_is_found(infra: Configuration) -> None:
    for name, is_secret in documented().items():
        if name in ELSEWHERE:
            continue
        without = copy.deepcopy(infra)
        for place, key in (
            (without.locals, "generated_secret"),
            (without.locals, "variable"),
            (without.variables["settings"]["validation"][0], "condition"),
            (without.variables["vendor_secrets"]["validation"][0], "condition"),
        ):
            without.locals["scheduled_variable"].pop(name, None)
            place[key] = re.sub(rf"\b{name}\b", "X", place[key])
        assert new_faults(secret_faults if is_secret else variable_faults, without, infra), f"nobody misses {name}"


def test_a_function_that_cannot_read_a_secret_it_is_given_is_found(infra: Configuration) -> None:
    without = copy.deepcopy(infra)
    for function in without.locals["function"].values():
        function["secrets"] = [secret for secret in function["secrets"] if secret != "BILLING_API_KEY"]
    assert secret_faults(without) == ["BILLING_API_KEY is in the secrets of infra, but not in what functions read"]


def test_what_is_missing_from_the_code_or_new_there_is_found(infra: Configuration, tmp_path: Path) -> None:
    for name in EDGES:
        assert agreement.function_faults(infra, {key: paths for key, paths in EDGES.items() if key != name})
    assert agreement.function_faults(infra, {**EDGES, "new": ("/new",)})
    assert agreement.function_faults(infra, {**EDGES, "chat": ("/v1", "/v2")})
    jobs = {name: job.every_s for name, job in JOBS.items()}
    assert agreement.job_faults(infra, {**jobs, "new": 60})
    assert agreement.job_faults(infra, {name: every_s * 2 for name, every_s in jobs.items()})
    shapes = shapes_in_code()
    (tmp_path / "new.py").write_text(
        "from functions.farebox.storage import Query\n"
        'Query("users", (Filter("plan", "==", 1),), order_by="email", descending=True)\n'
        'store.sums("usage_days", ["cost"], Filter("date", "==", 1))\n'
    )
    for shape, where in shapes_in_code(tmp_path).items():
        assert agreement.index_faults(infra, {**shapes, shape: where})
    (tmp_path / "new.py").write_text('data = {"expires_at": now}\n')
    assert agreement.expiry_writers(tmp_path) == {"new.py"}
    assert agreement.ttl_faults(infra, {*agreement.EXPIRY, "new.py"})


def test_the_one_function_that_leaves_checking_tokens_to_cloud_run_admits_nobody_but_the_scheduler(
    infra: Configuration,
) -> None:
    assert [name for name, function in infra.locals["function"].items() if not function["paths"]] == ["scheduled"]
    assert infra.locals["public_function"].endswith("if length(function.paths) > 0}}")
    members = infra.of_type("google_cloud_run_v2_service_iam_member")
    assert {(body.get("for_each"), body["member"]) for body in members.values()} == {
        ("${var.invoker_check ? local.public_function : {}}", "allUsers"),
        (None, "${google_service_account.scheduler.member}"),
    }
    assert "scheduled" in members["scheduler"]["name"]
    function = infra.resources["google_cloudfunctions2_function.main"]["service_config"][0]
    assert 'each.key == "scheduled" ? local.scheduled_variable : {}' in function["environment_variables"]
    assert function["ingress_settings"].endswith('? "ALLOW_INTERNAL_AND_GCLB" : "ALLOW_INTERNAL_ONLY"}')


def test_the_filters_that_the_code_may_add_are_known() -> None:
    span = TimeRange(start=1, end=2)  # type: ignore[arg-type]
    wanted = UsageFilter(model="m", key="k", status="ok", member="u", project="p", span=span)
    for name, filters in {"span": span.filters(), "wanted": wanted.filters()}.items():
        assert [(clause.field, clause.op) for clause in filters] == list(OPTIONAL[name])


def test_the_choices_of_the_code_are_those_of_the_infrastructure(infra: Configuration) -> None:
    for variable, literal in {"identity": IdentityName, "payments": PaymentsName}.items():
        condition = infra.variables[variable]["validation"][0]["condition"]
        assert set(get_args(literal)) <= set(re.findall(r'"(\w+)"', condition))


def test_fields_without_an_index_are_fields_of_the_code(infra: Configuration) -> None:
    code = "\n".join(file.read_text() for file in FUNCTIONS.rglob("*.py"))
    for collection, fields in infra.locals["unindexed_field"].items():
        for name in fields:
            assert re.search(rf"\b{name}\b", code), f"{collection}.{name}"


def new_faults(check: Callable[[Configuration], list[str]], changed: Configuration, infra: Configuration) -> set[str]:
    return set(check(changed)) - set(check(infra))


def _renamed(thing: object) -> object:
    """A copy that differs where it matters."""
    if isinstance(thing, dict) and "fields" in thing:
        return {**thing, "collection": "new"}
    return {**thing, "paths": ["/new"]} if isinstance(thing, dict) else thing
