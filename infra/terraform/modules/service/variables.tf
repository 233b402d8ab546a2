variable "name" {
  description = "Name of the installation."
  type        = string
}

variable "role" {
  description = "What the tasks do: api, console, workers, or migrate (run once, no service)."
  type        = string
  validation {
    condition     = contains(["api", "console", "workers", "migrate"], var.role)
    error_message = "The role is api, console, workers or migrate."
  }
}

variable "image" { type = string }
variable "region" { type = string }
variable "cpu" { type = number }
variable "memory" { type = number }

variable "tasks" {
  description = "How many tasks, and the most that load may ask for."
  type        = object({ count = number, most = number })
  validation {
    condition     = var.tasks.most >= var.tasks.count && var.tasks.count >= 0
    error_message = "The most tasks are at least as many as the usual ones."
  }
}

variable "cluster_arn" { type = string }
variable "cluster_name" { type = string }
variable "vpc_id" { type = string }
variable "subnet_ids" { type = list(string) }
variable "kms_key_arn" { type = string }
variable "secrets_kms_key_arn" { type = string }

variable "environment" {
  description = "Settings that are no secrets."
  type        = map(string)
}

variable "secrets" {
  description = "Settings that are secrets: name = what the container agent fetches (ARN, or ARN:member::)."
  type        = map(string)
}

variable "security_group_id" { type = string }

variable "target_group_arn" {
  type    = string
  default = null
}

variable "data" {
  description = "The shared data folder; null for none."
  type        = object({ file_system_id = string, file_system_arn = string, access_point_id = string, access_point_arn = string })
  default     = null
}

variable "collector" {
  description = "The collector beside the node; null for none."
  type        = object({ image = string, configuration = string, metrics_log_group_arn = string })
  default     = null
}

variable "checkpoints" {
  description = "Where the workers' checkpoints are copied to; null for other roles."
  type        = object({ image = string, bucket = string, bucket_arn = string })
  default     = null
}
