locals {
  # Made here, once, and never seen by anybody: `gcloud secrets versions access` reads them.
  generated_secret = toset([
    "ADMIN_SECRET_KEY",
    "BILLING_API_KEY",
    "FAREBOX_SECRET_KEY",
  ])

  secret = setunion(local.generated_secret, var.vendor_secrets)
}

resource "google_secret_manager_secret" "main" {
  for_each = local.secret

  secret_id           = "farebox-${lower(replace(each.key, "_", "-"))}"
  deletion_protection = each.key == "FAREBOX_SECRET_KEY" # without it every API key is worthless

  replication {
    auto {}
  }

  depends_on = [google_project_service.api]
}

ephemeral "random_password" "generated" {
  for_each = local.generated_secret

  length  = 48
  special = false
}

# Write-only: the value is sent once for each number, and kept nowhere else. This is version 1, and others come after it: who
# disables it means it. Destroyed, it counts as gone, and the next apply would make another, of another value, which would
# then be the latest: docs/upgrade.md says to disable it instead.
resource "google_secret_manager_secret_version" "generated" {
  for_each = local.generated_secret

  secret                 = google_secret_manager_secret.main[each.key].id
  secret_data_wo         = ephemeral.random_password.generated[each.key].result
  secret_data_wo_version = 1
  deletion_policy        = "ABANDON"

  lifecycle {
    ignore_changes = [enabled]
  }
}

resource "google_secret_manager_secret_iam_member" "function" {
  for_each = merge([
    for name, function in local.function : {
      for secret in function.secrets : "${name}.${secret}" => { function = name, secret = secret } if contains(local.secret, secret)
    }
  ]...)

  secret_id = google_secret_manager_secret.main[each.value.secret].id
  role      = "roles/secretmanager.secretAccessor"
  member    = google_service_account.function[each.value.function].member
}

resource "google_secret_manager_secret_iam_member" "upstream" {
  for_each = {
    for pair in setproduct(local.asks_upstreams, var.upstream_secrets) : "${pair[0]}.${pair[1]}" => { function = pair[0], secret = pair[1] }
  }

  project   = var.project_id
  secret_id = each.value.secret
  role      = "roles/secretmanager.secretAccessor"
  member    = google_service_account.function[each.value.function].member
}
