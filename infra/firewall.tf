locals {
  # Prompts are full of SQL, HTML and shell commands, and the firewall reads bodies too: on the data plane, and where
  # payment providers write, none of these sets applies. There the rate limit, the size limit and the API key do.
  # A rule takes five conditions at most and costs 1 USD a month, so it looks for three of them.
  unscreened_paths = ["/v1", "/api/stripe"]

  preconfigured_rule = {
    "1000" = ["sqli-v33-stable", "xss-v33-stable", "lfi-v33-stable"]
    "1010" = ["rce-v33-stable", "scannerdetection-v33-stable", "protocolattack-v33-stable"]
    "1020" = ["sessionfixation-v33-stable", "cve-canary"]
  }

  is_screened = join(" && ", [for path in local.unscreened_paths : "!request.path.startsWith('${path}')"])
}

resource "google_compute_security_policy" "main" {
  count = var.firewall ? 1 : 0

  #checkov:skip=CKV_GCP_73:Rule 1020 refuses it; the check knows another spelling. On the data plane it is text to be answered, and nothing here is Java.
  name        = "farebox"
  description = "In front of every function."
  type        = "CLOUD_ARMOR"

  adaptive_protection_config {
    layer_7_ddos_defense_config {
      enable = true
    }
  }

  advanced_options_config {
    json_parsing = "STANDARD" # fields are looked at one by one, not the whole body as text
  }

  # Refusals come first: a rate limit that is kept lets a request in without looking further.
  dynamic "rule" {
    for_each = local.preconfigured_rule

    content {
      description = "Refuse what ${join(", ", rule.value)} know, at their most certain"
      priority    = tonumber(rule.key)
      action      = "deny(403)"
      preview     = var.preview_firewall_rules

      match {
        expr {
          expression = "${local.is_screened} && (${join(" || ", [for name in rule.value : "evaluatePreconfiguredWaf('${name}', {'sensitivity': 1})"])})"
        }
      }
    }
  }

  rule {
    description = "Guessing passwords is slow"
    priority    = 2000
    action      = "throttle"

    match {
      expr {
        expression = "request.path.startsWith('/api/auth')"
      }
    }

    rate_limit_options {
      conform_action = "allow"
      exceed_action  = "deny(429)"
      enforce_on_key = "IP"

      rate_limit_threshold {
        count        = var.sign_ins_per_minute_per_ip
        interval_sec = 60
      }
    }
  }

  rule {
    description = "No address asks for more than this"
    priority    = 3000
    action      = "throttle"

    match {
      versioned_expr = "SRC_IPS_V1"

      config {
        src_ip_ranges = ["*"]
      }
    }

    rate_limit_options {
      conform_action = "allow"
      exceed_action  = "deny(429)"
      enforce_on_key = "IP"

      rate_limit_threshold {
        count        = var.requests_per_minute_per_ip
        interval_sec = 60
      }
    }
  }

  rule {
    description = "Everything else; nothing is left"
    priority    = 2147483647
    action      = "allow"

    match {
      versioned_expr = "SRC_IPS_V1"

      config {
        src_ip_ranges = ["*"]
      }
    }
  }

  lifecycle {
    create_before_destroy = true
  }

  depends_on = [google_project_service.api]
}
