variable "project_id" {
  description = "The Google Cloud project that everything is made in."
  type        = string

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{4,28}[a-z0-9]$", var.project_id))
    error_message = "A project id has 6 to 30 of a-z, 0-9 and -, and begins with a letter."
  }
}

variable "region" {
  description = "Where the functions run."
  type        = string
  default     = "us-central1"

  validation {
    condition     = can(regex("^[a-z]+-[a-z]+[0-9]+$", var.region))
    error_message = "Write a region such as us-central1."
  }
}

variable "database_location" {
  description = "Where the database is kept: a region, or nam5 or eur3 for several. It can never be changed."
  type        = string
  default     = "nam5"

  validation {
    condition     = can(regex("^(nam5|nam7|eur3|[a-z]+-[a-z]+[0-9]+)$", var.database_location))
    error_message = "Write nam5, nam7, eur3 or a region such as us-central1."
  }
}

variable "database_id" {
  description = "The database's name."
  type        = string
  default     = "farebox"

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{2,61}[a-z0-9]$", var.database_id))
    error_message = "A database's name has 4 to 63 of a-z, 0-9 and -, and begins with a letter."
  }
}

variable "domain" {
  description = "The one domain that people and programs reach everything at. Its A record points to the output `ip_address`."
  type        = string

  validation {
    condition     = can(regex("^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\\.)+[a-z]{2,}$", var.domain))
    error_message = "Write a domain such as api.example.com, without https:// and without a path."
  }
}

variable "identity" {
  description = "Who knows the passwords: FAREBOX_IDENTITY."
  type        = string
  default     = "firebase"

  validation {
    condition     = contains(["local", "firebase"], var.identity)
    error_message = "Write local or firebase."
  }
}

variable "payments" {
  description = "Who takes the money: FAREBOX_PAYMENTS. The sandbox takes none: whoever signs in can give themselves credit."
  type        = string

  validation {
    condition     = contains(["sandbox", "stripe", "creem"], var.payments)
    error_message = "Write sandbox, stripe or creem."
  }

  validation {
    condition     = var.payments == "sandbox" || alltrue([for kind in ["API_KEY", "WEBHOOK_SECRET"] : contains(var.vendor_secrets, "${upper(var.payments)}_${kind}")])
    error_message = "A payment provider needs its API key and its webhook secret: name both in vendor_secrets."
  }
}

variable "admin_emails" {
  description = "Accounts with these addresses, once proved in a session of theirs, are administrators: FAREBOX_ADMIN_EMAILS."
  type        = set(string)
  default     = []

  validation {
    condition     = alltrue([for email in var.admin_emails : can(regex("^[^@, ]+@[^@, ]+$", email))])
    error_message = "Each of them is one e-mail address."
  }
}

variable "vendor_secrets" {
  description = "The secrets that others have given you, by name. Their values never come here: `gcloud secrets versions add` writes them, the first and every later one."
  type        = set(string)
  default     = []

  validation {
    condition = alltrue([for name in var.vendor_secrets : contains([
      "CAPTCHA_SECRET_KEY",
      "CREEM_API_KEY",
      "CREEM_WEBHOOK_SECRET",
      "FAREBOX_SIGN_IN_PROVIDERS",
      "FAREBOX_UPSTREAMS",
      "STRIPE_API_KEY",
      "STRIPE_WEBHOOK_SECRET",
    ], name)])
    error_message = "Only CAPTCHA_SECRET_KEY, FAREBOX_SIGN_IN_PROVIDERS, FAREBOX_UPSTREAMS, and API_KEY and WEBHOOK_SECRET of CREEM and STRIPE come from others."
  }
}

variable "settings" {
  description = "Further environment variables of the functions, by the names in docs/configuration.md."
  type        = map(string)
  default     = {}

  validation {
    condition = alltrue([for name in keys(var.settings) : contains([
      "CREEM_TOPUP_PRODUCT",
      "FAREBOX_ADMIN_SECOND_FACTOR",
      "FAREBOX_ANSWER_MEMORY_MB",
      "FAREBOX_BODY_MEMORY_MB",
      "FAREBOX_CACHE",
      "FAREBOX_CAPTCHA",
      "FAREBOX_CAPTCHA_SITE_KEY",
      "FAREBOX_CORS_ORIGINS",
      "FAREBOX_DATA_PLANE_CORS",
      "FAREBOX_DRAIN_S",
      "FAREBOX_FALLBACKS",
      "FAREBOX_INVITATIONS_DAILY_MAX",
      "FAREBOX_KEEP_USAGE_DAYS",
      "FAREBOX_LEASE_TTL_S",
      "FAREBOX_LOG_LEVEL",
      "FAREBOX_PACKAGES",
      "FAREBOX_PAYMENT_GRACE_DAYS",
      "FAREBOX_PRICING",
      "FAREBOX_RECHARGE_DAILY_MAX_USD",
      "FAREBOX_ROUTING",
      "FAREBOX_SEED",
      "FAREBOX_SETTLE_INTERVAL_S",
      "FAREBOX_SIGNUP",
      "FAREBOX_SIGNUP_BLOCKED_DOMAINS",
      "FAREBOX_SIGNUP_CREDIT_DAILY_MAX_USD",
      "FAREBOX_SIGNUP_CREDIT_USD",
      "FAREBOX_SIGNUP_DOMAINS",
      "FAREBOX_SUPPORT_EMAIL",
      "FAREBOX_TOPUP_MAX_USD",
      "FAREBOX_TOPUP_MIN_USD",
      "OTEL_EXPORTER_OTLP_ENDPOINT",
      "STRIPE_CHECKOUT_OPTIONS",
    ], name)])
    error_message = "That is no variable of docs/configuration.md, or one that is set elsewhere here."
  }
}

variable "upstream_secrets" {
  description = "Secrets in this project's Secret Manager, by their ids, that upstreams name in place of keys: `chat` and the health check may read them."
  type        = list(string)
  default     = []

  validation {
    condition     = alltrue([for id in var.upstream_secrets : can(regex("^[A-Za-z0-9_-]{1,255}$", id))])
    error_message = "Write the ids of secrets, like openai-key."
  }
}

variable "vertex_ai" {
  description = "Whether upstreams at Vertex AI are called with the functions' own service accounts (`auth: google`): switches its API on, and lets `chat` and the health check use its models."
  type        = bool
  default     = false
}

variable "telemetry" {
  description = "Where traces and metrics go: off, google (Cloud Trace and Cloud Monitoring), or otlp, with OTEL_EXPORTER_OTLP_ENDPOINT in `settings`. Logs, and the alerts that count them, need none of it."
  type        = string
  default     = "off"

  validation {
    condition     = contains(["off", "otlp", "google"], var.telemetry)
    error_message = "Write off, otlp or google."
  }

  validation {
    condition     = var.telemetry != "otlp" || contains(keys(var.settings), "OTEL_EXPORTER_OTLP_ENDPOINT")
    error_message = "otlp needs the receiver's address: OTEL_EXPORTER_OTLP_ENDPOINT in settings."
  }
}

variable "trace_ratio" {
  description = "How many of all traces are kept, 0 to 1."
  type        = number
  default     = 0.05

  validation {
    condition     = var.trace_ratio >= 0 && var.trace_ratio <= 1
    error_message = "Write a number from 0 to 1."
  }
}

variable "min_instances" {
  description = "Instances of a function that wait for requests, by the function's name: 1 for `chat` spares the first caller a cold start, and costs money day and night."
  type        = map(number)
  default     = {}

  validation {
    condition     = alltrue([for name, count in var.min_instances : contains(keys(local.function), name) && count >= 0 && count <= 100])
    error_message = "The names are those of the functions, the numbers 0 to 100."
  }
}

variable "max_instances" {
  description = "The most instances of a function, by its name, where the defaults in functions.tf are too few. A new project's quota is 20 CPUs and 40 GiB a region for all of them: have it raised first (Cloud Run Admin API, CpuAllocPerProjectRegion and MemAllocPerProjectRegion)."
  type        = map(number)
  default     = {}

  validation {
    condition     = alltrue([for name, count in var.max_instances : contains(keys(local.function), name) && count >= 1 && count <= 1000])
    error_message = "The names are those of the functions, the numbers 1 to 1000."
  }
}

variable "invoker_check" {
  description = "Whether Cloud Run checks who calls the public functions, and lets in allUsers. Organisations made since May 2024 forbid allUsers: write false there, and run scripts/uncheck_invokers.sh after each apply that changed a function."
  type        = bool
  default     = true
}

variable "hold_traffic" {
  description = "Functions whose requests stay where `gcloud run services update-traffic` has sent them, when a new revision is deployed. They have to be sent to a revision by its name before the apply, or the new one gets them all: see docs/upgrade.md."
  type        = set(string)
  default     = []

  validation {
    condition     = alltrue([for name in var.hold_traffic : contains(keys(local.function), name)])
    error_message = "The names are those of the functions."
  }
}

variable "requests_per_minute_per_ip" {
  description = "How many requests one address may make in a minute before it is told 429. Many people may share one."
  type        = number
  default     = 3000

  validation {
    condition     = var.requests_per_minute_per_ip >= 60 && var.requests_per_minute_per_ip <= 100000
    error_message = "Write 60 to 100000."
  }
}

variable "sign_ins_per_minute_per_ip" {
  description = "How many requests to /api/auth one address may make in a minute before it is told 429."
  type        = number
  default     = 60

  validation {
    condition     = var.sign_ins_per_minute_per_ip >= 5 && var.sign_ins_per_minute_per_ip <= 10000
    error_message = "Write 5 to 10000."
  }
}

variable "firewall" {
  description = "Whether Cloud Armor stands in front: a limit of requests for each address, and rules that refuse well-known attacks on the management API. It costs some 11 USD a month and 0.75 USD for a million requests; Farebox checks credentials, sizes and guesses of passwords without it."
  type        = bool
  default     = false
}

variable "preview_firewall_rules" {
  description = "Only log what the preconfigured firewall rules would refuse."
  type        = bool
  default     = false
}

variable "alert_emails" {
  description = "Who is told when something is wrong."
  type        = set(string)

  validation {
    condition     = length(var.alert_emails) > 0 && alltrue([for email in var.alert_emails : can(regex("^[^@ ]+@[^@ ]+$", email))])
    error_message = "Somebody has to be told: write at least one e-mail address."
  }
}

variable "billing_account_id" {
  description = "The billing account of the budget alert; none without it."
  type        = string
  default     = null

  validation {
    condition     = var.billing_account_id == null || can(regex("^[0-9A-F]{6}-[0-9A-F]{6}-[0-9A-F]{6}$", var.billing_account_id))
    error_message = "Write it as 012345-6789AB-CDEF01."
  }
}

variable "monthly_budget" {
  description = "What Google Cloud may cost in a month before somebody is told, in the billing account's own currency. It stops nothing."
  type        = number
  default     = 200

  validation {
    condition     = var.monthly_budget > 0 && floor(var.monthly_budget) == var.monthly_budget
    error_message = "Write a whole number."
  }
}

variable "spend_spike_usd_per_hour" {
  description = "What customers may be charged in an hour before a sudden rise is worth an alert: five times as much as in the same hour of the day before."
  type        = number
  default     = 20

  validation {
    condition     = var.spend_spike_usd_per_hour > 0
    error_message = "Write an amount of USD above 0."
  }
}

variable "gemma_models" {
  description = "Gemma 3 models to serve on a GPU of your own, scaled to zero: 1b, 12b."
  type        = set(string)
  default     = []

  validation {
    condition     = alltrue([for size in var.gemma_models : contains(["1b", "12b"], size)])
    error_message = "There are 1b and 12b."
  }
}

variable "repository" {
  description = "The connected repository that Cloud Build deploys from: projects/P/locations/REGION/connections/C/repositories/R. No triggers without it."
  type        = string
  default     = null

  validation {
    condition     = var.repository == null || can(regex("^projects/[^/]+/locations/[^/]+/connections/[^/]+/repositories/[^/]+$", var.repository))
    error_message = "Write projects/P/locations/REGION/connections/C/repositories/R."
  }

  validation {
    condition     = var.repository == null || can(regex("/locations/${var.region}/", var.repository))
    error_message = "A trigger uses a connection of its own region: connect the repository in the region that `region` names."
  }
}

variable "environment" {
  description = "What this project is: a build of `production` waits for somebody's approval."
  type        = string
  default     = "production"

  validation {
    condition     = contains(["staging", "production"], var.environment)
    error_message = "Write staging or production."
  }
}

variable "state_bucket" {
  description = "The bucket that holds Terraform's state, so that builds may use it."
  type        = string
}
