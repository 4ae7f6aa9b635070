locals {
  # What functions say when something is wrong, counted. A test finds each phrase in a log call of the code.
  log_metric = {
    internal_errors    = { phrase = "unhandled exception", description = "Requests that were answered 500 because of a mistake of ours" }
    lost_requests      = { phrase = "requests were lost", description = "Sweeps that gave up requests of dead instances: the operator bears their upstream cost" }
    upstreams_down     = { phrase = "an upstream is down", description = "Health checks that found an upstream down" }
    stale_prices       = { phrase = "the price list could not be read", description = "Instances that charge by the last price list they read" }
    unclean_shutdowns  = { phrase = "shutting down took longer than", description = "Instances that left books to the sweep" }
    unmatched_payments = { phrase = "payments need an operator", description = "Money that is for nobody, events of payments that cannot be read, second subscriptions" }
    bad_configurations = { phrase = "the configuration is wrong", description = "Requests refused because a variable is wrong" }
  }

  charged_log = "jsonPayload.logger=\"farebox.access\" AND jsonPayload.charged_nanos>0"

  charged_usd = "sum(increase(logging_googleapis_com:user_farebox_charged_nanos_sum{monitored_resource=\"cloud_run_revision\"}[1h]%s)) / 1e9"

  function_logs = "resource.type=\"cloud_run_revision\" AND resource.labels.service_name=~\"^farebox-\""
}

resource "google_logging_metric" "log" {
  for_each = local.log_metric

  name        = "farebox/${each.key}"
  description = each.value.description
  filter      = "${local.function_logs} AND severity>=WARNING AND jsonPayload.message:\"${each.value.phrase}\""

  metric_descriptor {
    metric_kind = "DELTA"
    value_type  = "INT64"
    unit        = "1"
  }

  depends_on = [google_project_service.api]
}

# What customers were charged, from the line of each request: a distribution of nano-USD, whose sum is the money.
resource "google_logging_metric" "charged" {
  name            = "farebox/charged_nanos"
  description     = "What requests charged to wallets, in billionths of a USD"
  filter          = "${local.function_logs} AND ${local.charged_log}"
  value_extractor = "EXTRACT(jsonPayload.charged_nanos)"

  metric_descriptor {
    metric_kind = "DELTA"
    value_type  = "DISTRIBUTION"
    unit        = "1"
  }

  bucket_options {
    exponential_buckets {
      num_finite_buckets = 48 # up to 280,000 USD
      growth_factor      = 2
      scale              = 1
    }
  }

  depends_on = [google_project_service.api]
}

# A new metric takes up to ten minutes until a threshold's policy may name it; before, it is refused as "Cannot find
# metric that matches type". It is waited for once, and again only where there is another metric.
resource "time_sleep" "metrics_known" {
  create_duration = "720s"

  triggers = {
    metrics = join(" ", sort(concat(
      [for metric in google_logging_metric.log : metric.id],
      [google_logging_metric.failed_jobs.id],
    )))
  }
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
