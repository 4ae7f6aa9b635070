# The books, audited every night: a run that finds a fault fails, and failed runs are alerted on.

data "google_cloud_run_v2_service" "scheduled" {
  name     = google_cloudfunctions2_function.main["scheduled"].name
  location = var.region
}

resource "google_service_account" "audit" {
  account_id   = "farebox-audit"
  display_name = "Farebox: audits the books"

  depends_on = [google_project_service.api]
}

resource "google_project_iam_member" "audit" {
  project = var.project_id
  role    = "roles/datastore.viewer"
  member  = google_service_account.audit.member

  condition {
    title       = "farebox-database-only"
    description = "No other database of this project."
    expression  = "resource.name == \"${local.database_path}\""
  }
}

resource "google_secret_manager_secret_iam_member" "audit" {
  secret_id = google_secret_manager_secret.main["FAREBOX_SECRET_KEY"].id
  role      = "roles/secretmanager.secretAccessor"
  member    = google_service_account.audit.member
}

resource "google_cloud_run_v2_job" "audit" {
  name                = "farebox-audit"
  location            = var.region
  deletion_protection = false # it keeps nothing

  template {
    template {
      service_account = google_service_account.audit.email
      max_retries     = 0 # a fault stays one
      timeout         = "21600s"

      containers {
        # The image that the function was built into has all the code, and the launcher its Python.
        image   = data.google_cloud_run_v2_service.scheduled.template[0].containers[0].image
        command = ["/cnb/lifecycle/launcher"]
        args    = ["python", "-m", "functions.farebox.audit"]

        env {
          name  = "FAREBOX_STORE"
          value = local.store_url
        }

        env {
          name  = "FAREBOX_SECRET_KEY_SECRET"
          value = google_secret_manager_secret.main["FAREBOX_SECRET_KEY"].id
        }

        resources {
          limits = {
            cpu    = "1"
            memory = "1Gi"
          }
        }
      }
    }
  }
}

resource "google_cloud_run_v2_job_iam_member" "audit" {
  name     = google_cloud_run_v2_job.audit.name
  location = var.region
  role     = "roles/run.invoker"
  member   = google_service_account.scheduler.member
}

resource "google_cloud_scheduler_job" "audit" {
  name             = "farebox-audit"
  region           = var.region
  schedule         = "17 3 * * *"
  time_zone        = "Etc/UTC"
  attempt_deadline = "180s"

  http_target {
    uri         = "https://run.googleapis.com/v2/${google_cloud_run_v2_job.audit.id}:run"
    http_method = "POST"

    oauth_token {
      service_account_email = google_service_account.scheduler.email
    }
  }
}
