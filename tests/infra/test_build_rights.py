"""The account that builds may read all that a plan looks at, and write all that changes from day to day."""

import re

import pytest

from tests.infra.terraform import INFRA, Configuration, read_module

# By type: a role that reads it, and sets it up anew where it may change with a version of Farebox. A `terraform plan`
# reads everything that is in the state, so that one resource without its role is a build that fails.
# https://cloud.google.com/iam/docs/understanding-roles
READ_BY = {
    "google_artifact_registry_repository": "roles/artifactregistry.admin",
    "google_artifact_registry_repository_iam_member": "roles/artifactregistry.admin",
    "google_billing_account_iam_member": "roles/billing.viewer",
    "google_billing_budget": "roles/billing.viewer",
    "google_cloud_run_v2_job": "roles/run.admin",
    "google_cloud_run_v2_job_iam_member": "roles/run.admin",
    "google_cloud_run_v2_service": "roles/run.admin",
    "google_cloud_run_v2_service_iam_member": "roles/run.admin",
    "google_cloud_scheduler_job": "roles/cloudscheduler.admin",
    "google_cloudbuild_trigger": "roles/cloudbuild.builds.viewer",
    "google_cloudfunctions2_function": "roles/cloudfunctions.developer",
    "google_compute_backend_service": "roles/compute.loadBalancerAdmin",
    "google_compute_global_address": "roles/compute.loadBalancerAdmin",
    "google_compute_global_forwarding_rule": "roles/compute.loadBalancerAdmin",
    "google_compute_global_network_endpoint": "roles/compute.loadBalancerAdmin",
    "google_compute_global_network_endpoint_group": "roles/compute.loadBalancerAdmin",
    "google_compute_managed_ssl_certificate": "roles/compute.loadBalancerAdmin",
    "google_compute_region_network_endpoint_group": "roles/compute.loadBalancerAdmin",
    "google_compute_security_policy": "roles/compute.securityAdmin",
    "google_compute_ssl_policy": "roles/compute.securityAdmin",
    "google_compute_target_http_proxy": "roles/compute.loadBalancerAdmin",
    "google_compute_target_https_proxy": "roles/compute.loadBalancerAdmin",
    "google_compute_url_map": "roles/compute.loadBalancerAdmin",
    "google_firebase_hosting_site": "roles/firebasehosting.admin",
    "google_firebase_project": "roles/firebase.viewer",
    "google_firebaserules_release": "roles/firebaserules.admin",
    "google_firebaserules_ruleset": "roles/firebaserules.admin",
    "google_firestore_backup_schedule": "roles/datastore.backupSchedulesAdmin",
    "google_firestore_database": "roles/datastore.indexAdmin",  # datastore.databases.getMetadata
    "google_firestore_field": "roles/datastore.indexAdmin",
    "google_firestore_index": "roles/datastore.indexAdmin",
    "google_identity_platform_config": "roles/identityplatform.admin",
    "google_logging_metric": "roles/logging.configWriter",
    "google_logging_project_exclusion": "roles/logging.configWriter",
    "google_monitoring_alert_policy": "roles/monitoring.editor",
    "google_monitoring_dashboard": "roles/monitoring.editor",
    "google_monitoring_notification_channel": "roles/monitoring.editor",
    "google_monitoring_uptime_check_config": "roles/monitoring.editor",
    "google_project_iam_member": "roles/resourcemanager.projectIamAdmin",
    "google_project_service": "roles/serviceusage.serviceUsageAdmin",
    "google_secret_manager_secret": "roles/secretmanager.admin",
    "google_secret_manager_secret_iam_member": "roles/secretmanager.admin",
    "google_secret_manager_secret_version": "roles/secretmanager.admin",
    "google_service_account": "roles/iam.serviceAccountViewer",
    "google_service_account_iam_member": "roles/iam.serviceAccountViewer",  # iam.serviceAccounts.getIamPolicy
    "google_storage_bucket": "roles/storage.admin",
    "google_storage_bucket_iam_member": "roles/storage.admin",
    "google_storage_bucket_object": "roles/storage.admin",
}
LOCAL = {"time_sleep"}  # nobody's but Terraform's


@pytest.fixture(scope="module")
def infra() -> Configuration:
    return read_module()


def test_all_that_a_plan_reads_is_readable(infra: Configuration) -> None:
    modules = [infra, *(read_module(path) for path in (INFRA / "modules").iterdir())]
    types = {at.partition(".")[0] for module in modules for at in module.resources} - LOCAL
    assert types == READ_BY.keys()
    given = set(re.findall(r"roles/[\w.]+", infra.locals["deploy_role"]))
    given |= {infra.resources[f"google_{kind}"]["role"] for kind in (
        "project_iam_member.deploy_rights", "billing_account_iam_member.deploy",
    )}  # fmt: skip
    assert set(READ_BY.values()) - given == set()


def test_every_role_that_infra_may_give_is_one_that_builds_may_give(infra: Configuration) -> None:
    told = str(infra.locals["given_role"])
    for name, member in infra.of_type("google_project_iam_member").items():
        if name not in ("deploy", "deploy_rights") and member["role"].startswith("roles/"):
            assert member["role"] in told, name


def test_every_account_that_something_runs_as_may_be_set_by_builds(infra: Configuration) -> None:
    """`iam.serviceAccounts.actAs` on each: who deploys to an account without it is refused."""
    told = str(infra.resources["google_service_account_iam_member.deploy"]["for_each"])
    for name in infra.of_type("google_service_account").keys() - {"deploy"}:
        assert f"google_service_account.{name}" in told, name
    assert "module.gemma" in told
