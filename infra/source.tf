locals {
  # What a function needs, and nothing else: what lies beside it in a working copy is nobody's business. A test holds the
  # list to .gcloudignore, and to what is imported and read.
  deployed = setunion(
    ["main.py", "requirements.txt"],
    fileset("${path.module}/..", "functions/**/*.py"),
    fileset("${path.module}/..", "functions/**/data/**"),
  )
}

data "archive_file" "source" {
  type             = "zip"
  output_path      = "${path.module}/.terraform/source.zip"
  output_file_mode = "0644" # the same bytes wherever it is packed

  dynamic "source" {
    for_each = local.deployed

    content {
      filename = source.value
      content  = file("${path.module}/../${source.value}")
    }
  }
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

  lifecycle {
    ignore_changes = [location] # functions of another region read it too, and its name is taken until it has gone
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
