# How Cloud Build deploys: cloudbuild.yaml, as an account of its own.

resource "google_service_account" "deploy" {
  account_id   = "farebox-deploy"
  display_name = "Farebox: applies infra/"

  depends_on = [google_project_service.api]
}

locals {
  # What `terraform apply` of this directory changes from day to day, and no more: neither owner nor editor. What is set
  # up once (the database itself, Firebase, the trigger, what accounts may act as which, the budget) an operator applies.
  deploy_role = toset([
    "roles/artifactregistry.admin",
    "roles/cloudbuild.builds.viewer",
    "roles/cloudfunctions.developer",
    "roles/cloudscheduler.admin",
    "roles/compute.loadBalancerAdmin",
    "roles/compute.securityAdmin",
    "roles/datastore.backupSchedulesAdmin",
    "roles/datastore.indexAdmin",
    "roles/firebase.viewer",
    "roles/firebasehosting.admin",
    "roles/firebaserules.admin",
    "roles/iam.serviceAccountCreator",
    "roles/iam.serviceAccountViewer",
    "roles/identityplatform.admin",
    "roles/logging.configWriter",
    "roles/logging.logWriter",
    "roles/monitoring.editor",
    "roles/run.admin",
    "roles/secretmanager.admin",
    "roles/serviceusage.serviceUsageAdmin",
    "roles/storage.admin",
  ])

  given_role = sort(distinct(concat(
    ["roles/datastore.user", "roles/datastore.viewer", "roles/logging.logWriter", "roles/storage.objectViewer"],
    ["roles/aiplatform.user"], # with var.vertex_ai
    local.telemetry_role,
    flatten([for function in local.function : function.roles]),
  )))
}

resource "google_project_iam_member" "deploy" {
  for_each = local.deploy_role

  project = var.project_id
  role    = each.key
  member  = google_service_account.deploy.member
}

# Whoever may change the project's rights can take them all, so these are the only ones that it may give and take.
resource "google_project_iam_member" "deploy_rights" {
  project = var.project_id
  role    = "roles/resourcemanager.projectIamAdmin"
  member  = google_service_account.deploy.member

  condition {
    title       = "farebox-roles-only"
    description = "Gives and takes only what the functions need."
    expression  = "api.getAttribute('iam.googleapis.com/modifiedGrantsByRole', []).hasOnly(${jsonencode(local.given_role)})"
  }
}

# Only the accounts that functions, builds and jobs run as: not every account of the project.
resource "google_service_account_iam_member" "deploy" {
  for_each = merge(
    { for name, account in google_service_account.function : name => account.name },
    {
      audit     = google_service_account.audit.name
      build     = google_service_account.build.name
      scheduler = google_service_account.scheduler.name
    },
    { for size, gemma in module.gemma : "gemma_${size}" => gemma.service_account },
  )

  service_account_id = each.value
  role               = "roles/iam.serviceAccountUser"
  member             = google_service_account.deploy.member
}

# A plan reads the budget, which is the billing account's and not the project's.
resource "google_billing_account_iam_member" "deploy" {
  count = var.billing_account_id == null ? 0 : 1

  billing_account_id = var.billing_account_id
  role               = "roles/billing.viewer"
  member             = google_service_account.deploy.member
}

resource "google_storage_bucket_iam_member" "deploy_state" {
  bucket = var.state_bucket
  role   = "roles/storage.objectAdmin"
  member = google_service_account.deploy.member
}

resource "google_cloudbuild_trigger" "deploy" {
  count = var.repository == null ? 0 : 1

  name            = "farebox-deploy-${var.environment}"
  location        = var.region
  description     = "Test, plan, apply and try out what is on main."
  filename        = "cloudbuild.yaml"
  service_account = google_service_account.deploy.id

  repository_event_config {
    repository = var.repository

    push {
      branch = "^main$"
    }
  }

  # The manual gate: nothing of a production build runs before somebody has approved it.
  approval_config {
    approval_required = var.environment == "production"
  }

  substitutions = {
    _INVOKER_CHECK = tostring(var.invoker_check)
    _REGION        = var.region
    _SITE          = google_firebase_hosting_site.dashboard.site_id
    _STATE_BUCKET  = var.state_bucket
    _URL           = local.public_url
  }
}
