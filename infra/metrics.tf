locals {
  # What functions say when something is wrong, counted. A test finds each phrase in a log call of the code.
  log_metric = {
    internal_errors    = { phrase = "unhandled exception", description = "Requests that were answered 500 because of a mistake of ours" }
    lost_requests      = { phrase = "requests were lost", description = "Sweeps that gave up requests of dead instances: the operator bears their upstream cost" }
    upstreams_down     = { phrase = "an upstream is down", description = "Health checks that found an upstream down" }
    stale_prices       = { phrase = "the price list could not be read", description = "Instances that charge by the last price list they read" }
    unclean_shutdowns  = { phrase = "shutting down took longer than", description = "Instances that left books to the sweep" }
    bad_configurations = { phrase = "the configuration is wrong", description = "Requests refused because a variable is wrong" }
  }

  function_logs = "resource.type=\"cloud_run_revision\" AND resource.labels.service_name=~\"^farebox-\""
}

resource "google_logging_metric" "log" {
  for_each = local.log_metric

  name        = "farebox/${each.key}"
  description = each.value.description
  filter      = "${local.function_logs} AND (textPayload:\"${each.value.phrase}\" OR jsonPayload.message:\"${each.value.phrase}\")"

  metric_descriptor {
    metric_kind = "DELTA"
    value_type  = "INT64"
    unit        = "1"
  }

  depends_on = [google_project_service.api]
}

resource "google_logging_metric" "failed_jobs" {
  name        = "farebox/failed_jobs"
  description = "Calls of the scheduler that were not answered 2xx"
  filter      = "resource.type=\"cloud_scheduler_job\" AND resource.labels.job_id=~\"^farebox-\" AND severity>=ERROR"

  metric_descriptor {
    metric_kind = "DELTA"
    value_type  = "INT64"
    unit        = "1"
  }

  depends_on = [google_project_service.api]
}
