# Gemma 3 behind OpenAI's protocol, on a GPU of Cloud Run, scaled to zero. Google's image carries the weights, so that an
# instance starts without fetching them, and a proxy that asks for a key: Farebox sends it as the upstream's `api_key`.

locals {
  name  = "farebox-gemma-${var.size}"
  image = coalesce(var.image, "us-docker.pkg.dev/cloudrun/container/gemma/gemma3-${var.size}")

  parallel = { "1b" = 16, "12b" = 4 }[var.size] # answers at once that fit the GPU's 24 GB beside the weights
}

resource "google_service_account" "main" {
  account_id   = local.name
  display_name = "Farebox: serves Gemma 3 ${var.size}"
}

resource "google_secret_manager_secret" "key" {
  secret_id = "${local.name}-key"

  replication {
    auto {}
  }
}

ephemeral "random_password" "key" {
  length  = 48
  special = false
}

resource "google_secret_manager_secret_version" "key" {
  secret                 = google_secret_manager_secret.key.id
  secret_data_wo         = ephemeral.random_password.key.result
  secret_data_wo_version = 1
}

resource "google_secret_manager_secret_iam_member" "key" {
  secret_id = google_secret_manager_secret.key.id
  role      = "roles/secretmanager.secretAccessor"
  member    = google_service_account.main.member
}

resource "google_cloud_run_v2_service" "main" {
  name                = local.name
  location            = var.region
  deletion_protection = false # it keeps nothing
  ingress             = "INGRESS_TRAFFIC_ALL"

  invoker_iam_disabled = !var.invoker_check

  template {
    service_account                  = google_service_account.main.email
    timeout                          = "3600s"
    max_instance_request_concurrency = local.parallel
    gpu_zonal_redundancy_disabled    = true

    scaling {
      min_instance_count = 0
      max_instance_count = var.max_instances
    }

    node_selector {
      accelerator = "nvidia-l4"
    }

    containers {
      image = local.image

      ports {
        container_port = 8080
      }

      env {
        name  = "OLLAMA_NUM_PARALLEL"
        value = tostring(local.parallel)
      }

      env {
        name = "API_KEY"

        value_source {
          secret_key_ref {
            secret  = google_secret_manager_secret.key.secret_id
            version = "latest"
          }
        }
      }

      resources {
        cpu_idle          = false # a GPU is billed for whole instances
        startup_cpu_boost = true

        limits = {
          cpu              = "8"
          memory           = "32Gi"
          "nvidia.com/gpu" = "1"
        }
      }

      startup_probe {
        initial_delay_seconds = 5
        period_seconds        = 10
        failure_threshold     = 24

        tcp_socket {
          port = 8080
        }
      }
    }
  }

  depends_on = [
    google_secret_manager_secret_iam_member.key,
    google_secret_manager_secret_version.key,
  ]
}

# An upstream is spoken to with a key, not with an identity of Google's; the proxy checks it.
resource "google_cloud_run_v2_service_iam_member" "key_holders" {
  count = var.invoker_check ? 1 : 0

  name     = google_cloud_run_v2_service.main.name
  location = var.region
  role     = "roles/run.invoker"
  member   = "allUsers"
}
