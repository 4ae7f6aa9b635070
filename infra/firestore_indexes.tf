locals {
  # A query that compares some fields and orders by others needs an index that ends in its order. Where filters are
  # optional, one index for each of them is enough: Firestore merges indexes that end alike. Tests hold these lines to
  # the queries in the code.
  composite_index = {
    alerts_of_user         = { collection = "alerts", fields = ["user", "created_at desc"] }
    api_keys_of_account    = { collection = "api_keys", fields = ["user", "service_account", "created_at desc"] }
    api_keys_of_maker      = { collection = "api_keys", fields = ["user", "made_by", "created_at desc"] }
    api_keys_of_member     = { collection = "api_keys", fields = ["user", "member", "created_at desc"] }
    api_keys_of_project    = { collection = "api_keys", fields = ["user", "project", "created_at desc"] }
    api_keys_of_user       = { collection = "api_keys", fields = ["user", "created_at desc"] }
    audit_of_action        = { collection = "audit", fields = ["action", "created_at desc"] }
    audit_of_actor         = { collection = "audit", fields = ["actor", "created_at desc"] }
    audit_of_target        = { collection = "audit", fields = ["target", "created_at desc"] }
    authorizations_expired = { collection = "authorizations", fields = ["state", "expires_at"] }
    payments_of_user       = { collection = "payments", fields = ["user", "created_at desc"] }
    sandbox_events         = { collection = "sandbox_events", fields = ["customer", "created_at desc"] }
    sandbox_payments       = { collection = "sandbox_payments", fields = ["customer", "created_at desc"] }
    sandbox_subscriptions  = { collection = "sandbox_subscriptions", fields = ["customer", "created_at desc"] }
    transactions_in_span   = { collection = "transactions", fields = ["seq desc", "created_at desc"] }
    transactions_of_type   = { collection = "transactions", fields = ["type", "seq desc"] }
    type_in_span           = { collection = "transactions", fields = ["type", "seq desc", "created_at desc"] }
    usage_by_request       = { collection = "usage", fields = ["user", "request_id", "created_at desc"] }
    usage_failed           = { collection = "usage", fields = ["status", "created_at desc"] }
    usage_of_key           = { collection = "usage", fields = ["user", "key", "created_at desc"] }
    usage_of_member        = { collection = "usage", fields = ["user", "member", "created_at desc"] }
    usage_of_model         = { collection = "usage", fields = ["user", "model", "created_at desc"] }
    usage_of_project       = { collection = "usage", fields = ["user", "project", "created_at desc"] }
    usage_of_user          = { collection = "usage", fields = ["user", "created_at desc"] }
    usage_pending          = { collection = "usage", fields = ["status", "created_at"] }
    usage_days_by_date     = { collection = "usage_days", fields = ["user", "date"] }
    usage_days_of_key      = { collection = "usage_days", fields = ["key", "charged"] }
    usage_days_of_key_span = { collection = "usage_days", fields = ["key", "date", "charged"] }
    usage_days_charged     = { collection = "usage_days", fields = ["user", "charged"] }
    upstream_changes_of    = { collection = "upstream_changes", fields = ["upstream", "changed_at desc"] }
    usage_days_of_model    = { collection = "usage_days", fields = ["model", "date"] }
    users_of_plan          = { collection = "users", fields = ["plan", "email"] }
    users_of_status        = { collection = "users", fields = ["status", "email"] }
    users_of_tenant        = { collection = "users", fields = ["tenant", "email"] }
    users_new_of_plan      = { collection = "users", fields = ["plan", "created_at desc"] }
    users_new_of_status    = { collection = "users", fields = ["status", "created_at desc"] }
    users_new_of_tenant    = { collection = "users", fields = ["tenant", "created_at desc"] }
  }

  # Queries over the subcollections of all wallets at once.
  group_index = {
    invitations_of = { collection = "invitations", fields = ["invited_by", "created_at"] }
    invitations_to = { collection = "invitations", fields = ["email", "created_at"] }
    leases_expired = { collection = "leases", fields = ["state", "expires_at"] }
    leases_swept   = { collection = "leases", fields = ["closed_by", "closed_at"] }
    memberships    = { collection = "members", fields = ["user", "created_at"] }
    trail_about    = { collection = "trail", fields = ["about", "created_at"] }
    trail_of_actor = { collection = "trail", fields = ["actor", "created_at"] }
  }

  # Documents that go by themselves, within a day of this time; code never relies on their being gone.
  ttl_field = {
    admin_calls      = "expires_at"
    alerts           = "expires_at"
    answer_cache     = "expires_at"
    attempts         = "expires_at"
    events           = "expires_at"
    idempotency      = "expires_at"
    invitations      = "expires_at"
    mail             = "expires_at"
    parts            = "expires_at"
    payments         = "expires_at"
    sessions         = "expires_at"
    sign_ins         = "expires_at"
    unmatched        = "expires_at"
    upstream_changes = "expires_at"
    welcome_days     = "expires_at"
  }

  # Fields that no query looks for alone. An index on a time that only grows limits a collection to some 500 writes a
  # second, and one on every entry of a map costs more than the document.
  unindexed_field = {
    idempotency  = ["created_at", "headers"]
    answer_cache = ["kept_at", "text"]
    leases       = ["closed_at", "expires_at", "totals"]
    mail         = ["created_at", "message"]
    parts        = ["text"]
    trail        = ["before", "after"]
    transactions = ["created_at", "metadata"]
    usage        = ["created_at", "tokens"]
  }
}

resource "google_firestore_index" "composite" {
  for_each = local.composite_index

  database    = google_firestore_database.main.name
  collection  = each.value.collection
  query_scope = "COLLECTION"

  dynamic "fields" {
    for_each = each.value.fields

    content {
      field_path = split(" ", fields.value)[0]
      order      = endswith(fields.value, " desc") ? "DESCENDING" : "ASCENDING"
    }
  }
}

resource "google_firestore_index" "group" {
  for_each = local.group_index

  database    = google_firestore_database.main.name
  collection  = each.value.collection
  query_scope = "COLLECTION_GROUP"

  dynamic "fields" {
    for_each = each.value.fields

    content {
      field_path = split(" ", fields.value)[0]
      order      = endswith(fields.value, " desc") ? "DESCENDING" : "ASCENDING"
    }
  }
}

resource "google_firestore_field" "ttl" {
  for_each = local.ttl_field

  database   = google_firestore_database.main.name
  collection = each.key
  field      = each.value

  ttl_config {}
  index_config {} # no index: it would be one on a time that only grows
}

resource "google_firestore_field" "unindexed" {
  for_each = merge([
    for collection, fields in local.unindexed_field : {
      for field in fields : "${collection}.${field}" => { collection = collection, field = field }
    }
  ]...)

  database   = google_firestore_database.main.name
  collection = each.value.collection
  field      = each.value.field

  index_config {}
}
