locals {
  # Lines of a log that need somebody: how many of them within `window_s`. docs/operate.md says what to do about each.
  counted_alert = {
    internal_errors    = { more_than = 0, window_s = 300, severity = "ERROR" }
    lost_requests      = { more_than = 0, window_s = 300, severity = "ERROR" }
    upstreams_down     = { more_than = 2, window_s = 300, severity = "ERROR" } # three checks in a row, not one
    stale_prices       = { more_than = 4, window_s = 600, severity = "WARNING" }
    unclean_shutdowns  = { more_than = 4, window_s = 3600, severity = "WARNING" }
    unmatched_payments = { more_than = 0, window_s = 3600, severity = "WARNING" }
    bad_configurations = { more_than = 0, window_s = 300, severity = "CRITICAL" }
    failed_jobs        = { more_than = 2, window_s = 600, severity = "CRITICAL" } # leases stay reserved without the sweep
    failed_seldom_jobs = { more_than = 0, window_s = 3600, severity = "WARNING" } # of those that do not run each minute
  }

  counted_metric = merge(
    { for name, metric in google_logging_metric.log : name => { name = metric.name, resource = "cloud_run_revision" } },
    {
      for name in ["failed_jobs", "failed_seldom_jobs"] :
      name => { name = google_logging_metric.failed_jobs.name, resource = "cloud_scheduler_job" }
    },
  )

  # Where an alert counts some of what its metric does.
  counted_of = {
    failed_seldom_jobs = "resource.labels.job_id=monitoring.regex.full_match(\"farebox-(audit|forget-usage|reset-budgets|roll-up-days)\")"
  }

  # What customers ask for, as the load balancer counts it: what no function answered is there too. Uptime checks have
  # paths of their own, and are no customers.
  asked = "monitored_resource=\"https_lb_rule\", url_map_name=\"farebox\", matched_url_path_rule!~\"/health.*\""

  chat_requests = "sum(rate(loadbalancing_googleapis_com:https_request_count{${local.asked}, backend_target_name=\"farebox-chat\"%s}[%s]%s))"
  failure_ratio = "(${format(local.chat_requests, ", response_code_class=\"500\"", "%s", "")} / ${format(local.chat_requests, "", "%s", "")})"

  # What is measured rather than said, in PromQL over Google's own metrics.
  measured_alert = {
    error_rate = {
      severity = "CRITICAL"
      for_s    = 300
      query    = <<-EOT
        sum by (backend_target_name) (rate(loadbalancing_googleapis_com:https_request_count{${local.asked}, response_code_class="500"}[5m]))
          / sum by (backend_target_name) (rate(loadbalancing_googleapis_com:https_request_count{${local.asked}}[5m])) > 0.02
      EOT
    }
    # The objective: 99.9 % of the answers of `chat` in 30 days are no 5xx. Fourteen times that rate of failures uses the
    # month up in two days, three times in ten; each is looked at over a long time and, to end soon, over a short one.
    # https://sre.google/workbook/alerting-on-slos/
    fast_burn = {
      severity = "CRITICAL"
      for_s    = 0
      query    = "${format(local.failure_ratio, "1h", "1h")} > 14.4 * 0.001 and ${format(local.failure_ratio, "5m", "5m")} > 14.4 * 0.001"
    }
    slow_burn = {
      severity = "WARNING"
      for_s    = 0
      query    = "${format(local.failure_ratio, "1d", "1d")} > 3 * 0.001 and ${format(local.failure_ratio, "2h", "2h")} > 3 * 0.001"
    }
    latency = {
      severity = "WARNING"
      for_s    = 600
      query    = <<-EOT
        histogram_quantile(0.95, sum by (le, backend_target_name) (rate(loadbalancing_googleapis_com:https_total_latencies_bucket{${local.asked}, backend_target_name=~"farebox-(accounts|keys|wallet|metering|stripe-webhook)"}[5m]))) > 2000
      EOT
    }
    chat_latency = {
      severity = "WARNING"
      for_s    = 600
      query    = <<-EOT
        histogram_quantile(0.95, sum by (le) (rate(loadbalancing_googleapis_com:https_total_latencies_bucket{${local.asked}, backend_target_name="farebox-chat"}[5m]))) > 120000
      EOT
    }
    audit_failed = {
      severity = "CRITICAL"
      for_s    = 0
      query    = <<-EOT
        sum(increase(run_googleapis_com:job_completed_execution_count{monitored_resource="cloud_run_job", job_name="farebox-audit", result="failed"}[1h])) > 0
      EOT
    }
    # For whatever reason: its image, its account, its scheduler.
    audit_missing = {
      severity = "WARNING"
      for_s    = 7200 # until somebody who has just deployed has run it
      query    = <<-EOT
        absent_over_time(run_googleapis_com:job_completed_execution_count{monitored_resource="cloud_run_job", job_name="farebox-audit", result="succeeded"}[2d])
      EOT
    }
    spend_spike = {
      severity = "WARNING"
      for_s    = 300
      query    = <<-EOT
        ${format(local.charged_usd, "")} > ${var.spend_spike_usd_per_hour}
          and ${format(local.charged_usd, "")} > 5 * (${format(local.charged_usd, " offset 1d")} or vector(0))
      EOT
    }
    traffic_spike = {
      severity = "WARNING"
      for_s    = 600
      query    = <<-EOT
        ${format(local.chat_requests, "", "15m", "")}
          > 1 + 4 * ${format(local.chat_requests, "", "1h", " offset 1d")}
      EOT
    }
  }
}

resource "google_monitoring_notification_channel" "email" {
  for_each = var.alert_emails

  display_name = each.key
  type         = "email"

  labels = {
    email_address = each.key
  }

  lifecycle {
    create_before_destroy = true # policies and the budget name it: see load_balancer.tf
  }

  depends_on = [google_project_service.api]
}

resource "google_monitoring_alert_policy" "counted" {
  for_each = local.counted_alert

  display_name          = "Farebox: ${replace(each.key, "_", " ")}"
  combiner              = "OR"
  severity              = each.value.severity
  notification_channels = [for channel in google_monitoring_notification_channel.email : channel.id]

  conditions {
    display_name = "More than ${each.value.more_than} in ${each.value.window_s} s"

    condition_threshold {
      filter = join(" AND ", compact([
        "metric.type=\"logging.googleapis.com/user/${local.counted_metric[each.key].name}\"",
        "resource.type=\"${local.counted_metric[each.key].resource}\"",
        lookup(local.counted_of, each.key, ""),
      ]))
      comparison      = "COMPARISON_GT"
      threshold_value = each.value.more_than
      duration        = "0s"

      aggregations {
        alignment_period     = "${each.value.window_s}s"
        per_series_aligner   = "ALIGN_DELTA"
        cross_series_reducer = "REDUCE_SUM"
      }
    }
  }

  documentation {
    subject   = "Farebox: ${replace(each.key, "_", " ")}"
    content   = "What it means and what to do: docs/operate.md, `${each.key}`."
    mime_type = "text/markdown"
  }

  alert_strategy {
    auto_close = "1800s"
  }

  depends_on = [time_sleep.metrics_known]
}

resource "google_monitoring_alert_policy" "measured" {
  for_each = local.measured_alert

  display_name          = "Farebox: ${replace(each.key, "_", " ")}"
  combiner              = "OR"
  severity              = each.value.severity
  notification_channels = [for channel in google_monitoring_notification_channel.email : channel.id]

  conditions {
    display_name = replace(each.key, "_", " ")

    condition_prometheus_query_language {
      query               = trimspace(each.value.query)
      duration            = "${each.value.for_s}s"
      evaluation_interval = "60s"

      disable_metric_validation = true # Google knows a metric only once there was something to count
    }
  }

  documentation {
    subject   = "Farebox: ${replace(each.key, "_", " ")}"
    content   = "What it means and what to do: docs/operate.md, `${each.key}`."
    mime_type = "text/markdown"
  }

  alert_strategy {
    auto_close = "1800s"
  }

  depends_on = [google_project_service.api]
}

# A million executions a month are free, and each further thousand costs 0.30 USD; every check runs from six regions. These
# come to 0.84 million. What customers wait for is looked at every minute, the rest every five.
locals {
  checked_each_minute = toset(["chat", "stripe_webhook"])
}

resource "google_monitoring_uptime_check_config" "function" {
  for_each = local.public_function

  display_name = "farebox-${replace(each.key, "_", "-")}"
  timeout      = "10s"
  period       = contains(local.checked_each_minute, each.key) ? "60s" : "300s"

  http_check {
    path           = "/health/${each.key}"
    port           = 443
    use_ssl        = true
    validate_ssl   = true
    request_method = "GET"
  }

  monitored_resource {
    type = "uptime_url"

    labels = {
      project_id = var.project_id
      host       = var.domain
    }
  }

  depends_on = [google_project_service.api]
}

resource "google_monitoring_alert_policy" "unreachable" {
  display_name          = "Farebox: unreachable"
  combiner              = "OR"
  severity              = "CRITICAL"
  notification_channels = [for channel in google_monitoring_notification_channel.email : channel.id]

  conditions {
    display_name = "A function fails its uptime check from two regions or more"

    condition_threshold {
      filter          = "metric.type=\"monitoring.googleapis.com/uptime_check/check_passed\" AND resource.type=\"uptime_url\" AND metric.labels.check_id=monitoring.regex.full_match(\"farebox-.*\")"
      comparison      = "COMPARISON_GT"
      threshold_value = 1
      duration        = "120s"

      aggregations {
        alignment_period     = "600s" # twice the longest period
        per_series_aligner   = "ALIGN_NEXT_OLDER"
        cross_series_reducer = "REDUCE_COUNT_FALSE"
        group_by_fields      = ["metric.label.check_id"]
      }
    }
  }

  documentation {
    subject   = "Farebox: unreachable"
    content   = "What it means and what to do: docs/operate.md, `unreachable`."
    mime_type = "text/markdown"
  }

  depends_on = [google_monitoring_uptime_check_config.function]
}
