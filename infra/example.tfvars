# Copy to deploy.tfvars and change. No secret belongs here: `gcloud secrets versions add` takes them, see docs/deploy.md.

project_id        = "example-farebox"
region            = "us-central1"
database_location = "nam5"
domain            = "llm.example.com"
state_bucket      = "example-farebox-state"

identity     = "firebase"
payments     = "stripe"
admin_emails = ["ada@example.com"]
alert_emails = ["oncall@example.com"]

vendor_secrets = ["FAREBOX_UPSTREAMS", "STRIPE_API_KEY", "STRIPE_WEBHOOK_SECRET"]

settings = {
  FAREBOX_TOPUP_MIN_USD = "5.00"
}

billing_account_id = "012345-6789AB-CDEF01"
monthly_budget     = 200
