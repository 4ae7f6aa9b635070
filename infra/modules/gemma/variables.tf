variable "region" {
  description = "A region of Cloud Run that has NVIDIA L4."
  type        = string
}

variable "invoker_check" {
  description = "Whether Cloud Run checks who calls it, and lets in allUsers; false where an organisation forbids allUsers."
  type        = bool
  default     = true
}

variable "size" {
  description = "Which Gemma 3: 1b or 12b."
  type        = string

  validation {
    condition     = contains(["1b", "12b"], var.size)
    error_message = "There are 1b and 12b."
  }
}

variable "image" {
  description = "An image that serves it with Ollama on port 8080 and asks for the key in API_KEY; Google's own by default."
  type        = string
  default     = null
}

variable "max_instances" {
  description = "GPUs at once. Each is some 0.7 USD an hour while it runs; none runs while nobody asks."
  type        = number
  default     = 1

  validation {
    condition     = var.max_instances >= 1 && var.max_instances <= 10
    error_message = "Write 1 to 10."
  }
}
