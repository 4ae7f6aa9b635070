output "upstream" {
  description = "What to add to FAREBOX_UPSTREAMS, or to POST to /api/admin/upstreams, with the key from `key_secret` as `api_key`."
  value = {
    id        = local.name
    base_url  = "${google_cloud_run_v2_service.main.uri}/v1"
    models    = { "gemma-3-${var.size}" = "gemma3:${var.size}" }
    timeout_s = 300 # the first answer waits for a GPU
  }
}

output "service_account" {
  description = "The account that it runs as."
  value       = google_service_account.main.name
}

output "key_secret" {
  description = "The secret that holds its key."
  value       = google_secret_manager_secret.key.id
}
