locals {
  # One for each target of main.py. `paths` are what the load balancer sends it, `secrets` what it may read, `roles` what
  # it may do beside the database. Memory is measured in a busy instance; a stream occupies its instance for minutes, so
  # `chat` takes many at once. A new project has 20 CPUs and 40 GiB a region, and a function that may have more instances
  # than fit is refused when it is made: `max` adds up to no more, the nightly audit included, and var.max_instances
  # raises it.
  function = {
    chat = {
      description = "The data plane: OpenAI's API"
      paths       = ["/v1"]
      secrets     = ["FAREBOX_SECRET_KEY", "FAREBOX_UPSTREAMS"]
      roles       = []
      memory      = "1Gi"
      cpu         = "1"
      concurrency = 200
      timeout_s   = 3600
      max         = 7
    }
    accounts = {
      description = "Registering, signing in, profiles, organisations; what the API is"
      paths       = ["/api/auth", "/api/orgs", "/api/invitations", "/docs", "/openapi.json"]
      secrets = [
        "FAREBOX_SECRET_KEY",
        "CAPTCHA_SECRET_KEY",
        "FAREBOX_SIGN_IN_PROVIDERS",
        "STRIPE_API_KEY", # whose account is erased pays no longer
        "CREEM_API_KEY",
      ]
      roles       = ["roles/firebaseauth.admin"]
      memory      = "1Gi" # argon2id takes 64 MiB for each password that it checks at once
      cpu         = "1"
      concurrency = 40
      timeout_s   = 60
      max         = 2
    }
    keys = {
      description = "API keys"
      paths       = ["/api/keys", "/api/models"]
      secrets     = ["FAREBOX_SECRET_KEY"]
      roles       = ["roles/firebaseauth.viewer"]
      memory      = "512Mi"
      cpu         = "1"
      concurrency = 80
      timeout_s   = 60
      max         = 2
    }
    wallet = {
      description = "Credit and its ledger"
      paths       = ["/api/wallet"]
      secrets     = ["FAREBOX_SECRET_KEY", "STRIPE_API_KEY", "CREEM_API_KEY"]
      roles       = ["roles/firebaseauth.viewer"]
      memory      = "512Mi"
      cpu         = "1"
      concurrency = 80
      timeout_s   = 60
      max         = 2
    }
    stripe_webhook = {
      description = "The payment provider's events"
      paths       = ["/api/stripe", "/sandbox"]
      secrets = [
        "FAREBOX_SECRET_KEY",
        "STRIPE_API_KEY",
        "STRIPE_WEBHOOK_SECRET",
        "CREEM_API_KEY",
        "CREEM_WEBHOOK_SECRET",
      ]
      roles       = []
      memory      = "512Mi"
      cpu         = "1"
      concurrency = 40
      timeout_s   = 60
      max         = 1
    }
    usage = {
      description = "What requests took and cost"
      paths       = ["/api/usage"]
      secrets     = ["FAREBOX_SECRET_KEY"]
      roles       = ["roles/firebaseauth.viewer"]
      memory      = "512Mi"
      cpu         = "1"
      concurrency = 40
      timeout_s   = 300 # an export is a stream
      max         = 2
    }
    metering = {
      description = "Billing for other gateways"
      paths       = ["/api/check-budget", "/api/log-usage", "/api/authorize", "/api/capture", "/api/void"]
      secrets     = ["FAREBOX_SECRET_KEY", "BILLING_API_KEY"]
      roles       = []
      memory      = "512Mi"
      cpu         = "1"
      concurrency = 80
      timeout_s   = 60
      max         = 1
    }
    admin = {
      description = "What operators do"
      paths       = ["/api/admin"]
      secrets     = ["FAREBOX_SECRET_KEY", "ADMIN_SECRET_KEY", "FAREBOX_UPSTREAMS", "STRIPE_API_KEY", "CREEM_API_KEY"]
      roles       = ["roles/firebaseauth.admin"]
      memory      = "1Gi"
      cpu         = "1"
      concurrency = 20
      timeout_s   = 900 # it can audit the books
      max         = 1
    }
    scheduled = {
      description = "The jobs that the scheduler calls"
      paths       = [] # none: the scheduler calls it by its own address
      secrets     = ["FAREBOX_SECRET_KEY", "FAREBOX_UPSTREAMS", "STRIPE_API_KEY", "CREEM_API_KEY"]
      roles       = ["roles/firebaseauth.viewer"] # whose address is confirmed, and may be mailed alerts
      memory      = "512Mi"
      cpu         = "1"
      concurrency = 10
      timeout_s   = 1800
      max         = 1
    }
  }

  # `chat` calls them; `scheduled`, and `admin` where somebody runs its jobs by hand, ask whether they are well.
  asks_upstreams = ["chat", "scheduled", "admin"]

  public_function = { for name, function in local.function : name => function if length(function.paths) > 0 }

  variable = merge(var.settings, {
    FAREBOX_STORE        = local.store_url
    FAREBOX_PUBLIC_URL   = local.public_url
    FAREBOX_IDENTITY     = var.identity
    FIREBASE_PROJECT     = var.project_id
    FIREBASE_API_KEY     = var.identity == "firebase" ? google_identity_platform_config.main[0].client[0].api_key : ""
    FAREBOX_PAYMENTS     = var.payments
    FAREBOX_ADMIN_EMAILS = join(",", var.admin_emails)

    # The load balancer ends `X-Forwarded-For` with its client's address and its own.
    FAREBOX_TRUSTED_PROXIES = "2"

    FAREBOX_TELEMETRY       = var.telemetry
    OTEL_TRACES_SAMPLER_ARG = tostring(var.trace_ratio)
  })

  # For functions-framework, not for Farebox: Google sets it to true, and each line would be handled a second time.
  framework_variable = {
    LOG_EXECUTION_ID = "false"
  }

  # Only the scheduler may invoke this one, so Cloud Run has checked its token, and keeps the signature to itself.
  scheduled_variable = {
    FAREBOX_SCHEDULER_ACCOUNT = google_service_account.scheduler.email
    FAREBOX_SCHEDULER_CHECK   = "cloud-run"
  }
}

resource "google_cloudfunctions2_function" "main" {
  for_each = local.function

  name        = "farebox-${replace(each.key, "_", "-")}"
  location    = var.region
  description = each.value.description

  build_config {
    runtime           = "python311"
    entry_point       = each.key
    service_account   = google_service_account.build.id
    docker_repository = google_artifact_registry_repository.image.id

    # With its Python in it: by default Cloud Run lays an image's base below it, for services, which the audit's job is not.
    dynamic "on_deploy_update_policy" {
      for_each = each.key == "scheduled" ? [each.key] : []

      content {}
    }

    source {
      storage_source {
        bucket = google_storage_bucket.source.name
        object = google_storage_bucket_object.source.name
      }
    }
  }

  service_config {
    service_account_email            = google_service_account.function[each.key].email
    available_memory                 = each.value.memory
    available_cpu                    = each.value.cpu
    max_instance_request_concurrency = each.value.concurrency
    timeout_seconds                  = each.value.timeout_s
    min_instance_count               = lookup(var.min_instances, each.key, 0)
    max_instance_count               = lookup(var.max_instances, each.key, each.value.max)
    all_traffic_on_latest_revision   = !contains(var.hold_traffic, each.key) # false: as Cloud Run's service has it

    # The scheduler of this project counts as inside; everybody else comes through the load balancer.
    ingress_settings = contains(keys(local.public_function), each.key) ? "ALLOW_INTERNAL_AND_GCLB" : "ALLOW_INTERNAL_ONLY"

    # Secrets by name, not by value: Farebox reads them itself, and so notices a new version.
    environment_variables = merge(local.variable, local.framework_variable, each.key == "scheduled" ? local.scheduled_variable : {}, {
      for secret in each.value.secrets : "${secret}_SECRET" => google_secret_manager_secret.main[secret].id if contains(local.secret, secret)
    })
  }

  depends_on = [
    google_artifact_registry_repository_iam_member.build,
    google_project_iam_member.build,
    google_project_iam_member.build_source,
    google_secret_manager_secret_iam_member.function,
    google_secret_manager_secret_version.generated,
  ]
}

# The load balancer has no identity that a function could check; Farebox checks its callers' credentials itself. Where an
# organisation lets nobody name `allUsers`, Cloud Run is told not to check instead (scripts/uncheck_invokers.sh).
resource "google_cloud_run_v2_service_iam_member" "public" {
  for_each = var.invoker_check ? local.public_function : {}

  name     = google_cloudfunctions2_function.main[each.key].name
  location = var.region
  role     = "roles/run.invoker"
  member   = "allUsers"

  lifecycle {
    create_before_destroy = true
  }
}

resource "google_cloud_run_v2_service_iam_member" "scheduler" {
  name     = google_cloudfunctions2_function.main["scheduled"].name
  location = var.region
  role     = "roles/run.invoker"
  member   = google_service_account.scheduler.member
}
