# What everything else is named and found by. Each other file has one purpose, and its name says which.

data "google_project" "main" {
  depends_on = [google_project_service.api]
}

locals {
  public_url = "https://${var.domain}"
  store_url  = "firestore://${var.project_id}/${google_firestore_database.main.name}"

  database_path = "projects/${var.project_id}/databases/${google_firestore_database.main.name}"
}
