"""No line that is kept holds what somebody is called: Google logs requests too, with their raw addresses."""

import re
from collections.abc import Iterator

import pytest

from functions.farebox.wiring.runtime import Runtime
from tests.infra.terraform import Configuration, read_module
from tests.support.processes import ROOT
from tests.support.product.app import api_document
from tests.support.product.runtime import config_with

HOST = "https://llm.example.com"
NAMES = {"q": "ada", "email": "ada@example.com"}  # what a query may say of somebody
CODES = {"code": "WELCOME-2026"}  # what in a path is worth something


@pytest.fixture(scope="module")
def unlogged() -> re.Pattern[str]:
    return re.compile(read_module().locals["unlogged_address"])


def telling() -> Iterator[str]:
    """The address of each operation that can be asked with a name or a code in it."""
    for path, operations in api_document(Runtime(config_with({})))["paths"].items():
        for operation in operations.values():
            places = {each["name"]: each["in"] for each in operation.get("parameters", ())}
            yield from (f"{path}?{name}={NAMES[name]}" for name in places.keys() & NAMES.keys())
            yield from (path.replace(f"{{{name}}}", CODES[name]) for name in places.keys() & CODES.keys())


def test_a_line_with_a_name_or_a_code_in_its_address_is_not_kept(unlogged: re.Pattern[str]) -> None:
    addresses = set(telling())
    assert {"/api/admin/users?email=ada@example.com", "/api/admin/codes/WELCOME-2026"} <= addresses
    asked = re.findall(r"https://\$DOMAIN(/\S*@[^\s\"]*)", (ROOT / "docs/operate.md").read_text())
    assert asked
    assert [address for address in [*addresses, *asked] if not unlogged.search(HOST + address)] == []


@pytest.mark.parametrize("path", ["/v1/chat/completions", "/api/keys", "/api/admin/codes", "/health/chat"])
def test_a_line_that_tells_nothing_is_kept(path: str, unlogged: re.Pattern[str]) -> None:
    assert not unlogged.search(HOST + path)


def test_both_logs_and_the_page_before_are_looked_at() -> None:
    infra: Configuration = read_module()
    filter_ = infra.resources["google_logging_project_exclusion.addresses"]["filter"]
    for local in ("run_request_logs", "balancer_request_logs"):
        assert f"local.{local}" in filter_
    for field in ("requestUrl", "referer"):
        assert re.search(rf"httpRequest\.{field}=~\\?\"\$\{{local\.unlogged_address\}}", filter_)
