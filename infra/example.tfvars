# Copy to production.tfvars and change. No secret belongs here: they come in TF_VAR_vendor_secrets, see docs/deploy.md.

project_id        = "example-farebox"
region            = "us-central1"
database_location = "nam5"
domain            = "llm.example.com"
state_bucket      = "example-farebox-state"

identity     = "firebase"
payments     = "stripe"
admin_emails = ["ada@example.com"]
alert_emails = ["oncall@example.com"]

vendor_secret_versions = {
  FAREBOX_UPSTREAMS     = 1
  STRIPE_API_KEY        = 1
  STRIPE_WEBHOOK_SECRET = 1
}

settings = {
  FAREBOX_TOPUP_MIN_USD = "5.00"
}

min_instances = {
  chat = 1
}

billing_account_id = "012345-6789AB-CDEF01"
monthly_budget_usd = 200
gemma_models       = ["1b"]
vertex_ai          = true
