"""What a month costs: docs/costs.md is what the files of `infra/` come to, and an idle one is cheap."""

import copy
import re
from collections.abc import Callable

import pytest

from scripts.cost_table import BUSY, IDLE, JOB_READS, bill, document, total
from tests.infra.terraform import INFRA, Configuration, parse, read_module
from tests.support.processes import ROOT

MOST_IDLE_USD = 25.0


@pytest.fixture(scope="module")
def infra() -> Configuration:
    return read_module()


def test_the_document_is_what_the_files_come_to(infra: Configuration) -> None:
    assert (ROOT / "docs/costs.md").read_text() == document(infra), "run: python -m scripts.cost_table > docs/costs.md"


def test_a_month_in_which_nobody_asks_costs_little(infra: Configuration) -> None:
    assert total(bill(infra, IDLE)) < MOST_IDLE_USD < total(bill(infra, BUSY))
    assert JOB_READS.keys() == infra.locals["job"].keys()


def _each_minute(infra: Configuration) -> None:
    infra.resources["google_monitoring_uptime_check_config.function"]["period"] = '${true ? "60s" : "60s"}'


def _firewall(infra: Configuration) -> None:
    infra.variables["firewall"]["default"] = True


@pytest.mark.parametrize("dear", [_each_minute, _firewall])
def test_what_would_make_an_idle_month_dear_is_counted(
    infra: Configuration, dear: Callable[[Configuration], None]
) -> None:
    changed = copy.deepcopy(infra)
    dear(changed)
    assert total(bill(changed, IDLE)) > MOST_IDLE_USD


def test_no_example_switches_on_what_costs_while_nobody_asks() -> None:
    settings = set(re.findall(r"^(\w+) *=", (INFRA / "example.tfvars").read_text(), re.MULTILINE))
    assert not settings & {"gemma_models", "min_instances", "firewall"}
    [service] = parse((INFRA / "modules/gemma/main.tf").read_text()).of_type("google_cloud_run_v2_service").values()
    assert service["template"][0]["scaling"][0]["min_instance_count"] == 0
