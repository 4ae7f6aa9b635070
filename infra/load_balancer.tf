# What is referred to goes only once nothing refers to it any more, or Google refuses: `resourceInUseByAnotherResource`. So
# all that another region, another function or the firewall makes anew or takes away is created before it is destroyed.

resource "google_compute_global_address" "main" {
  name = "farebox"

  depends_on = [google_project_service.api]
}

resource "google_compute_region_network_endpoint_group" "function" {
  for_each = local.public_function

  name                  = "farebox-${replace(each.key, "_", "-")}"
  region                = var.region
  network_endpoint_type = "SERVERLESS"

  cloud_run {
    service = google_cloudfunctions2_function.main[each.key].name
  }

  lifecycle {
    create_before_destroy = true
  }

  depends_on = [google_cloud_run_v2_service_iam_member.public] # no end that lets nobody in
}

resource "google_compute_backend_service" "function" {
  for_each = local.public_function

  name                  = "farebox-${replace(each.key, "_", "-")}"
  load_balancing_scheme = "EXTERNAL_MANAGED"
  protocol              = "HTTPS"
  security_policy       = one(google_compute_security_policy.main[*].id)

  backend {
    group = google_compute_region_network_endpoint_group.function[each.key].id
  }

  # No request's line holds a secret: keys travel in headers, which are not logged. See log_exclusion.tf.
  log_config {
    enable      = true
    sample_rate = 1
  }

  lifecycle {
    create_before_destroy = true
  }
}

resource "google_compute_url_map" "main" {
  name            = "farebox"
  default_service = google_compute_backend_service.dashboard.id

  host_rule {
    hosts        = [var.domain]
    path_matcher = "main"
  }

  path_matcher {
    name            = "main"
    default_service = google_compute_backend_service.dashboard.id

    dynamic "path_rule" {
      for_each = local.public_function

      content {
        service = google_compute_backend_service.function[path_rule.key].id
        paths   = flatten([for path in path_rule.value.paths : [path, "${path}/*"]])
      }
    }

    # Each function by itself, for the uptime checks.
    dynamic "path_rule" {
      for_each = local.public_function

      content {
        service = google_compute_backend_service.function[path_rule.key].id
        paths   = ["/health/${path_rule.key}"]

        route_action {
          url_rewrite {
            path_prefix_rewrite = "/health"
          }
        }
      }
    }

    path_rule {
      service = google_compute_backend_service.function["chat"].id
      paths   = ["/healthz"]

      route_action {
        url_rewrite {
          path_prefix_rewrite = "/health" # Google's front end keeps /healthz of *.run.app to itself
        }
      }
    }
  }
}

resource "google_compute_url_map" "redirect" {
  name = "farebox-redirect"

  default_url_redirect {
    https_redirect         = true
    redirect_response_code = "MOVED_PERMANENTLY_DEFAULT"
    strip_query            = false
  }
}

resource "google_compute_managed_ssl_certificate" "main" {
  name = "farebox-${replace(var.domain, ".", "-")}" # a certificate's domain cannot change, so another domain is another one

  managed {
    domains = [var.domain]
  }

  lifecycle {
    create_before_destroy = true
  }

  depends_on = [google_project_service.api]
}

resource "google_compute_ssl_policy" "main" {
  name            = "farebox"
  profile         = "MODERN"
  min_tls_version = "TLS_1_2"

  depends_on = [google_project_service.api]
}

resource "google_compute_target_https_proxy" "main" {
  name             = "farebox"
  url_map          = google_compute_url_map.main.id
  ssl_certificates = [google_compute_managed_ssl_certificate.main.id]
  ssl_policy       = google_compute_ssl_policy.main.id
}

resource "google_compute_target_http_proxy" "redirect" {
  name    = "farebox-redirect"
  url_map = google_compute_url_map.redirect.id
}

resource "google_compute_global_forwarding_rule" "https" {
  name                  = "farebox-https"
  load_balancing_scheme = "EXTERNAL_MANAGED"
  ip_address            = google_compute_global_address.main.id
  target                = google_compute_target_https_proxy.main.id
  port_range            = "443"
}

resource "google_compute_global_forwarding_rule" "redirect" {
  name                  = "farebox-http"
  load_balancing_scheme = "EXTERNAL_MANAGED"
  ip_address            = google_compute_global_address.main.id
  target                = google_compute_target_http_proxy.redirect.id
  port_range            = "80"
}
