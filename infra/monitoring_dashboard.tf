locals {
  chart = {
    "Requests a second, by function" = "sum by (service_name) (rate(run_googleapis_com:request_count{monitored_resource=\"cloud_run_revision\", service_name=~\"farebox-.*\"}[5m]))"
    "Answers a second, by class"     = "sum by (response_code_class) (rate(run_googleapis_com:request_count{monitored_resource=\"cloud_run_revision\", service_name=~\"farebox-.*\"}[5m]))"
    "Latency in ms, p95"             = "histogram_quantile(0.95, sum by (le, service_name) (rate(run_googleapis_com:request_latencies_bucket{monitored_resource=\"cloud_run_revision\", service_name=~\"farebox-.*\"}[5m])))"
    "Charged, USD an hour"           = format(local.charged_usd, "")
    "Instances"                      = "sum by (service_name) (run_googleapis_com:container_instance_count{monitored_resource=\"cloud_run_revision\", service_name=~\"farebox-.*\"})"
    "Memory, p99 of the limit"       = "histogram_quantile(0.99, sum by (le, service_name) (rate(run_googleapis_com:container_memory_utilizations_bucket{monitored_resource=\"cloud_run_revision\", service_name=~\"farebox-.*\"}[5m])))"
    "Firestore writes a second"      = "sum(rate(firestore_googleapis_com:document_write_ops_count{monitored_resource=\"firestore.googleapis.com/Database\"}[5m]))"
    "Firestore reads a second"       = "sum(rate(firestore_googleapis_com:document_read_ops_count{monitored_resource=\"firestore.googleapis.com/Database\"}[5m]))"
    "Things gone wrong in an hour"   = join(" or ", [for metric in google_logging_metric.log : "label_replace(sum(increase(logging_googleapis_com:user_${replace(metric.name, "/", "_")}[1h])), \"what\", \"${metric.name}\", \"\", \"\")"])
  }
}

resource "google_monitoring_dashboard" "main" {
  dashboard_json = jsonencode({
    displayName = "Farebox"
    gridLayout = {
      columns = "2"
      widgets = [
        for title, query in local.chart : {
          title = title
          xyChart = {
            dataSets = [{
              plotType        = "LINE"
              timeSeriesQuery = { prometheusQuery = query }
            }]
          }
        }
      ]
    }
  })
}
