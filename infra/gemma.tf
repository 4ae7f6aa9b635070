module "gemma" {
  source   = "./modules/gemma"
  for_each = var.gemma_models

  size          = each.key
  region        = var.region
  invoker_check = var.invoker_check

  depends_on = [google_project_service.api]
}
