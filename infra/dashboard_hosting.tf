# The dashboard's files, on Firebase Hosting; the load balancer fetches them from there, so that pages and API have one
# origin. `firebase deploy` uploads them: see firebase.json, which has to lie above all that it names.

resource "google_firebase_project" "main" {
  provider = google-beta

  depends_on = [google_project_service.api]
}

resource "google_firebase_hosting_site" "dashboard" {
  provider = google-beta

  site_id = var.project_id # the project's default site, without which firebase-tools deploys none

  depends_on = [google_firebase_project.main]
}

resource "google_compute_global_network_endpoint_group" "dashboard" {
  name                  = "farebox-dashboard"
  network_endpoint_type = "INTERNET_FQDN_PORT"
  default_port          = 443

  depends_on = [google_project_service.api]
}

resource "google_compute_global_network_endpoint" "dashboard" {
  global_network_endpoint_group = google_compute_global_network_endpoint_group.dashboard.id
  fqdn                          = "${google_firebase_hosting_site.dashboard.site_id}.web.app"
  port                          = 443
}

resource "google_compute_backend_service" "dashboard" {
  name                   = "farebox-dashboard"
  load_balancing_scheme  = "EXTERNAL_MANAGED"
  protocol               = "HTTPS"
  security_policy        = one(google_compute_security_policy.main[*].id)
  custom_request_headers = ["Host: ${google_compute_global_network_endpoint.dashboard.fqdn}"] # Hosting goes by it

  backend {
    group = google_compute_global_network_endpoint_group.dashboard.id
  }

  log_config {
    enable      = true
    sample_rate = 0.1
  }
}
