output "ip_address" {
  description = "What the domain's A record must say. The certificate is made once it does."
  value       = google_compute_global_address.main.address
}

output "url" {
  description = "Where everything is reached."
  value       = local.public_url
}

output "webhook_url" {
  description = "What to enter as the webhook's address at the payment provider."
  value       = "${local.public_url}/api/stripe/webhook"
}

output "secret_ids" {
  description = "The secrets, by the variables that they are for."
  value       = { for name, secret in google_secret_manager_secret.main : name => secret.secret_id }
}

output "hosting_site" {
  description = "The Firebase Hosting site of the dashboard."
  value       = google_firebase_hosting_site.dashboard.site_id
}

output "gemma_upstreams" {
  description = "The Gemma models that run here, as upstreams, and the secrets that hold their keys."
  value = {
    for size, gemma in module.gemma : size => merge(gemma.upstream, { key_secret = gemma.key_secret })
  }
}

output "deploy_service_account" {
  description = "The account that Cloud Build deploys as."
  value       = google_service_account.deploy.email
}
