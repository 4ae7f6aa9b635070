"""What a new project and a new organisation refuse, and how `infra/` gets by."""

import re

import pytest

from functions.edge.asgi.deployables import EDGES
from tests.infra.terraform import INFRA, Configuration, read_module
from tests.support.processes import ROOT

# https://cloud.google.com/run/quotas: of a region, before anybody has asked for more
QUOTA_CPUS, QUOTA_GIB = 20, 40
GIB = {"Gi": 1.0, "Mi": 1 / 1024}


@pytest.fixture(scope="module")
def infra() -> Configuration:
    return read_module()


def gib(amount: str) -> float:
    return float(amount[:-2]) * GIB[amount[-2:]]


def test_every_instance_that_there_may_be_fits_a_new_projects_quota(infra: Configuration) -> None:
    [container] = infra.resources["google_cloud_run_v2_job.audit"]["template"][0]["template"][0]["containers"]
    audit = container["resources"][0]["limits"]
    functions = infra.locals["function"].values()
    assert sum(each["max"] * float(each["cpu"]) for each in functions) + float(audit["cpu"]) <= QUOTA_CPUS
    assert sum(each["max"] * gib(each["memory"]) for each in functions) + gib(audit["memory"]) <= QUOTA_GIB
    service = infra.resources["google_cloudfunctions2_function.main"]["service_config"][0]
    assert service["max_instance_count"] == "${lookup(var.max_instances, each.key, each.value.max)}"


def test_what_a_gpu_takes_of_the_quota_is_said_where_it_is_offered() -> None:
    service = read_module(INFRA / "modules/gemma").resources["google_cloud_run_v2_service.main"]
    [container] = service["template"][0]["containers"]
    limits = container["resources"][0]["limits"]
    takes = f"takes {limits['cpu']} CPUs and {gib(limits['memory']):.0f} GiB of the quota"
    assert takes in (ROOT / "docs/deploy.md").read_text()


def test_an_alert_waits_until_its_metric_is_known(infra: Configuration) -> None:
    waited = infra.resources["time_sleep.metrics_known"]
    assert int(waited["create_duration"].removesuffix("s")) > 600  # what Google names as the most
    named_there = re.findall(r"google_logging_metric\.(\w+)", str(infra.locals["counted_metric"]))
    metrics = {f"google_logging_metric.{name}" for name in named_there}
    assert metrics
    assert {name for name in metrics if name in waited["triggers"]["metrics"]} == metrics
    for name, policy in infra.of_type("google_monitoring_alert_policy").items():
        [condition] = policy["conditions"]
        if "condition_prometheus_query_language" in condition:  # Google can be told not to look for the metric
            assert condition["condition_prometheus_query_language"][0]["disable_metric_validation"] is True, name
        elif "logging.googleapis.com/user" in str(condition):
            assert "time_sleep.metrics_known" in str(policy["depends_on"]), name


def test_a_budget_is_in_its_billing_accounts_currency(infra: Configuration) -> None:
    amount = infra.resources["google_billing_budget.main"]["amount"][0]["specified_amount"][0]
    assert amount.keys() - {"__is_block__"} == {"units"}


def test_where_nobody_may_name_all_users_every_public_function_is_opened_in_another_way(infra: Configuration) -> None:
    everybody = [at for at, body in infra.resources.items() if body.get("member") == "allUsers"]
    assert everybody == ["google_cloud_run_v2_service_iam_member.public"]
    gemma = read_module(INFRA / "modules/gemma")
    assert infra.modules["gemma"]["invoker_check"] == "${var.invoker_check}"
    assert gemma.resources["google_cloud_run_v2_service.main"]["invoker_iam_disabled"] == "${!var.invoker_check}"
    for at, body in gemma.resources.items():
        assert body.get("member") != "allUsers" or body["count"] == "${var.invoker_check ? 1 : 0}", at
    assert infra.resources[everybody[0]]["for_each"] == "${var.invoker_check ? local.public_function : {}}"
    script = (ROOT / "scripts/uncheck_invokers.sh").read_text()
    opened = re.search(r"for function in ([\w -]+); do", script)
    assert opened
    assert set(opened[1].split()) == {name.replace("_", "-") for name in EDGES.keys() - {"scheduled"}}
    assert "--no-invoker-iam-check" in script


def test_a_secrets_value_is_written_where_a_version_is_made_and_from_nowhere_else(infra: Configuration) -> None:
    versions = infra.of_type("google_secret_manager_secret_version")
    for version in versions.values():  # the provider takes exactly one of these, and a null is none
        assert version["secret_data_wo"].startswith("${ephemeral.random_password.")
        assert "secret_data" not in version
    assert set(versions) == {"generated"}  # what others have given goes in by gcloud
