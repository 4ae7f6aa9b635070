"""What another region, another function or a setting makes anew, or takes away, does not stand in its own way."""

import json

import pytest

from tests.infra.terraform import Body, Configuration, read_module

# Google refuses to delete these while something refers to them.
HELD = ("google_compute_", "google_monitoring_notification_channel")
DECIDES = ("count", "for_each", "region", "name")  # what a setting may change, so that another is made or none


@pytest.fixture(scope="module")
def infra() -> Configuration:
    return read_module()


def _may_go(body: Body) -> bool:
    return "count" in body or "for_each" in body or any("var." in str(body.get(name, "")) for name in DECIDES)


def _is_created_first(body: Body) -> bool:
    return any(lifecycle.get("create_before_destroy") is True for lifecycle in body.get("lifecycle", ()))


def test_what_is_referred_to_goes_only_after_what_refers_to_it_has_let_go(infra: Configuration) -> None:
    texts = {at: json.dumps(body) for at, body in infra.resources.items()}
    held = {
        at
        for at, body in infra.resources.items()
        if at.startswith(HELD) and _may_go(body) and any(at in text for other, text in texts.items() if other != at)
    }
    assert {
        "google_compute_backend_service.function",
        "google_compute_region_network_endpoint_group.function",
        "google_compute_security_policy.main",
        "google_monitoring_notification_channel.email",
    } <= held
    assert {at for at in held if not _is_created_first(infra.resources[at])} == set()


def test_a_function_of_a_new_region_lets_everybody_in_before_it_is_sent_anything(infra: Configuration) -> None:
    public = infra.resources["google_cloud_run_v2_service_iam_member.public"]
    ends = infra.resources["google_compute_region_network_endpoint_group.function"]
    assert _is_created_first(public)
    assert "google_cloud_run_v2_service_iam_member.public" in str(ends["depends_on"])


def test_what_has_a_name_of_the_whole_world_stays_where_it_is(infra: Configuration) -> None:
    """Its successor in another region is made while it is there, for the functions' sake, and would have its name."""
    for name, bucket in infra.of_type("google_storage_bucket").items():
        named_by_region = "var.region" in bucket["name"]
        assert named_by_region or "location" in str(bucket["lifecycle"][0]["ignore_changes"]), name


def test_a_version_that_somebody_disabled_stays_disabled(infra: Configuration) -> None:
    for name, version in infra.of_type("google_secret_manager_secret_version").items():
        assert "enabled" in str(version["lifecycle"][0]["ignore_changes"]), name


def test_an_image_that_a_job_runs_as_well_has_its_python_in_it(infra: Configuration) -> None:
    """By default a function's image has none: Cloud Run lays it below, for services and not for jobs."""
    [container] = infra.resources["google_cloud_run_v2_job.audit"]["template"][0]["template"][0]["containers"]
    assert container["image"].startswith("${data.google_cloud_run_v2_service.scheduled.")
    [build] = infra.resources["google_cloudfunctions2_function.main"]["build_config"]
    [policy] = [made["on_deploy_update_policy"] for made in build["dynamic"] if "on_deploy_update_policy" in made]
    assert 'each.key == "scheduled"' in policy["for_each"]
