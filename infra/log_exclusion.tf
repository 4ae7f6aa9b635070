# Google logs each request with its raw address, at Cloud Run and at the load balancer. Where that may hold somebody's
# e-mail address, a search for one, or a code, its line is not kept: Farebox's own line of the request, which has the route
# instead, is.
resource "google_logging_project_exclusion" "addresses" {
  name        = "farebox-addresses"
  description = "Lines of requests whose address, or the page that they came from, may name a person or hold a code."
  filter      = "(${local.run_request_logs} OR ${local.balancer_request_logs}) AND (httpRequest.requestUrl=~\"${local.unlogged_address}\" OR httpRequest.referer=~\"${local.unlogged_address}\")"

  depends_on = [google_project_service.api]
}

locals {
  unlogged_address      = "[?]|@|%40|/api/admin/codes/."
  run_request_logs      = "(log_id(\"run.googleapis.com/requests\") AND resource.labels.service_name=~\"^farebox-\")"
  balancer_request_logs = "(log_id(\"requests\") AND resource.labels.url_map_name=~\"^farebox\")"
}
