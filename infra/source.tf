locals {
  # What a function does not need: the same list as .gcloudignore, in this provider's globs.
  not_deployed = [
    ".git",
    ".gitignore",
    ".gcloudignore",
    ".ci",
    ".venv",
    ".venv-*",
    ".farebox",
    "**/__pycache__",
    "**/*.pyc",
    ".mypy_cache",
    ".ruff_cache",
    ".pytest_cache",
    ".hypothesis",
    ".cache",
    "benchmarks",
    "build",
    "dashboard",
    "docs",
    "infra",
    "integrations",
    "scripts",
    "tests",
    "Makefile",
    "pyproject.toml",
    "requirements*.in",
    "requirements-dev.txt",
    "cloudbuild.yaml",
    "firestore.rules",
    "**/*.md",
  ]
}

data "archive_file" "source" {
  type             = "zip"
  source_dir       = "${path.module}/.."
  excludes         = local.not_deployed
  output_path      = "${path.module}/.terraform/source.zip"
  output_file_mode = "0644" # the same bytes wherever it is packed
}

resource "google_storage_bucket" "source" {
  #checkov:skip=CKV_GCP_62:It holds the code for 90 days, and only builds read it: the audit log says when.
  name                        = "${var.project_id}-farebox-source"
  location                    = var.region
  uniform_bucket_level_access = true
  public_access_prevention    = "enforced"
  force_destroy               = true

  versioning {
    enabled = true
  }

  lifecycle_rule {
    condition {
      age = 90
    }

    action {
      type = "Delete"
    }
  }

  depends_on = [google_project_service.api]
}

# The name changes with the content, or nothing would be deployed again.
resource "google_storage_bucket_object" "source" {
  name   = "source-${data.archive_file.source.output_sha256}.zip"
  bucket = google_storage_bucket.source.name
  source = data.archive_file.source.output_path
}

resource "google_artifact_registry_repository" "image" {
  #checkov:skip=CKV_GCP_84:Google's encryption is enough for images that hold no secret; a key of ours could be lost.
  repository_id = "farebox"
  location      = var.region
  format        = "DOCKER"
  description   = "What the functions are built into."

  cleanup_policies {
    id     = "keep-recent"
    action = "KEEP"

    most_recent_versions {
      keep_count = 10
    }
  }

  cleanup_policies {
    id     = "delete-old"
    action = "DELETE"

    condition {
      older_than = "2592000s"
    }
  }

  depends_on = [google_project_service.api]
}
