resource "google_identity_platform_config" "main" {
  count = var.identity == "firebase" ? 1 : 0

  authorized_domains         = [var.domain]
  autodelete_anonymous_users = true

  sign_in {
    allow_duplicate_emails = false

    email {
      enabled           = true
      password_required = true
    }

    anonymous {
      enabled = false
    }
  }

  depends_on = [google_firebase_project.main]
}
