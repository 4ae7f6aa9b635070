resource "google_service_account" "function" {
  for_each = local.function

  account_id   = "farebox-${replace(each.key, "_", "-")}"
  display_name = "Farebox: ${each.value.description}"

  depends_on = [google_project_service.api]
}

resource "google_project_iam_member" "database" {
  for_each = local.function

  project = var.project_id
  role    = "roles/datastore.user"
  member  = google_service_account.function[each.key].member

  condition {
    title       = "farebox-database-only"
    description = "No other database of this project."
    expression  = "resource.name == \"${local.database_path}\""
  }
}

resource "google_project_iam_member" "function" {
  for_each = merge([
    for name, function in local.function : {
      for role in function.roles : "${name}.${role}" => { function = name, role = role } if var.identity == "firebase"
    }
  ]...)

  project = var.project_id
  role    = each.value.role
  member  = google_service_account.function[each.value.function].member
}

# Traces and metrics are written by the account that they are about.
resource "google_project_iam_member" "telemetry" {
  for_each = {
    for pair in setproduct(keys(local.function), local.telemetry_role) : "${pair[0]}.${pair[1]}" => { function = pair[0], role = pair[1] }
    if var.telemetry == "google"
  }

  project = var.project_id
  role    = each.value.role
  member  = google_service_account.function[each.value.function].member
}

# Upstreams at Vertex AI are called without a key.
resource "google_project_iam_member" "vertex_ai" {
  for_each = toset(var.vertex_ai ? local.asks_upstreams : [])

  project = var.project_id
  role    = "roles/aiplatform.user"
  member  = google_service_account.function[each.key].member

  depends_on = [google_project_service.vertex_ai]
}

locals {
  telemetry_role = ["roles/telemetry.metricsWriter", "roles/telemetry.tracesWriter"]
}

resource "google_service_account" "scheduler" {
  account_id   = "farebox-scheduler"
  display_name = "Farebox: calls the jobs"

  depends_on = [google_project_service.api]
}

# Builds the functions' images: it reads the source and writes images and logs, and nothing else.
resource "google_service_account" "build" {
  account_id   = "farebox-build"
  display_name = "Farebox: builds the functions"

  depends_on = [google_project_service.api]
}

resource "google_project_iam_member" "build" {
  for_each = toset(["roles/logging.logWriter"])

  project = var.project_id
  role    = each.key
  member  = google_service_account.build.member
}

# The source goes through our bucket into one that Cloud Functions makes, and the build reads it there.
resource "google_project_iam_member" "build_source" {
  project = var.project_id
  role    = "roles/storage.objectViewer"
  member  = google_service_account.build.member

  condition {
    title       = "farebox-source-only"
    description = "No other bucket of this project."
    expression = join(" || ", [
      for bucket in [google_storage_bucket.source.name, "gcf-v2-sources-${data.google_project.main.number}-${var.region}"] :
      "resource.name.startsWith('projects/_/buckets/${bucket}')"
    ])
  }
}

resource "google_artifact_registry_repository_iam_member" "build" {
  repository = google_artifact_registry_repository.image.name
  location   = var.region
  role       = "roles/artifactregistry.writer"
  member     = google_service_account.build.member
}
