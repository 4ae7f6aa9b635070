module "gemma" {
  source   = "./modules/gemma"
  for_each = var.gemma_models

  size   = each.key
  region = var.region

  depends_on = [google_project_service.api]
}
