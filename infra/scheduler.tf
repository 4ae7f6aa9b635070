locals {
  # One for each job of functions/farebox/jobs/schedule.py, as often as it says there. Cron is in UTC.
  job = {
    auto-recharge   = "* * * * *"
    check-upstreams = "* * * * *"
    forget-usage    = "37 * * * *"
    reset-budgets   = "7 * * * *"
    roll-up-days    = "22 * * * *"
    send-alerts     = "* * * * *"
    sweep-leases    = "* * * * *"
  }

  scheduled_url = google_cloudfunctions2_function.main["scheduled"].service_config[0].uri
}

resource "google_cloud_scheduler_job" "job" {
  for_each = local.job

  name             = "farebox-${each.key}"
  region           = var.region
  schedule         = each.value
  time_zone        = "Etc/UTC"
  attempt_deadline = "1800s"

  http_target {
    uri         = "${local.scheduled_url}/jobs/${each.key}"
    http_method = "POST"

    oidc_token {
      service_account_email = google_service_account.scheduler.email
      audience              = local.scheduled_url # Cloud Run lets no other in
    }
  }

  # A job that failed runs again at its next time; delivery is at least once in any case.
  retry_config {
    retry_count = 1
  }

  depends_on = [google_cloud_run_v2_service_iam_member.scheduler]
}
