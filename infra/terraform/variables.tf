variable "name" {
  description = "Name of the installation; the start of every resource's name."
  type        = string
  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{2,20}$", var.name))
    error_message = "The name has 3 to 21 characters: small letters, digits and hyphens, a letter first."
  }
}

variable "image" {
  description = "Image of the service by digest, so that what was tested is what runs."
  type        = string
  validation {
    condition     = can(regex("@sha256:[0-9a-f]{64}$", var.image))
    error_message = "Name the image by its digest (repository@sha256:…), not by a tag that can move."
  }
}

variable "domain" {
  description = "Host name under which people and programs reach the service."
  type        = string
  validation {
    condition     = can(regex("^[a-z0-9-]+(\\.[a-z0-9-]+)+$", var.domain))
    error_message = "The domain is a host name such as countersign.example.com, without https:// and without a slash."
  }
}

variable "certificate_arn" {
  description = "Certificate of the domain in AWS Certificate Manager, in the same region."
  type        = string
  validation {
    condition     = can(regex("^arn:aws[a-z-]*:acm:", var.certificate_arn))
    error_message = "Give the ARN of a certificate in AWS Certificate Manager."
  }
}

variable "vpc_cidr" {
  description = "Addresses of the network; a /16 to /20."
  type        = string
  default     = "10.40.0.0/16"
  validation {
    condition     = can(cidrhost(var.vpc_cidr, 0)) && try(tonumber(split("/", var.vpc_cidr)[1]) >= 16 && tonumber(split("/", var.vpc_cidr)[1]) <= 20, false)
    error_message = "Use a CIDR block from /16 to /20, for example 10.40.0.0/16."
  }
}

variable "zones" {
  description = "Availability zones; two at least, three for production."
  type        = list(string)
  validation {
    condition     = length(var.zones) >= 2 && length(var.zones) <= 3 && length(distinct(var.zones)) == length(var.zones)
    error_message = "Name two or three different availability zones."
  }
}

variable "database" {
  description = "Size of the database server."
  type = object({
    instance_class    = optional(string, "db.m7g.large")
    storage_gb        = optional(number, 100)
    most_storage_gb   = optional(number, 1000)
    backup_days       = optional(number, 35)
    engine_version    = optional(string, "17.6")
    max_connections   = optional(number, 500)
    apply_immediately = optional(bool, false)
  })
  default = {}
}

variable "services" {
  description = "Tasks of each role: how many, and how large."
  type = object({
    api     = optional(object({ count = optional(number, 2), most = optional(number, 4), cpu = optional(number, 1024), memory = optional(number, 2048) }), {})
    console = optional(object({ count = optional(number, 2), most = optional(number, 4), cpu = optional(number, 512), memory = optional(number, 1024) }), {})
    workers = optional(object({ count = optional(number, 2), most = optional(number, 2), cpu = optional(number, 2048), memory = optional(number, 4096) }), {})
  })
  default = {}
}

variable "checkpoint_retention_years" {
  description = "How long nobody, not even the account's owner, can delete a signed checkpoint."
  type        = number
  default     = 10
  validation {
    condition     = var.checkpoint_retention_years >= 1 && var.checkpoint_retention_years <= 30
    error_message = "Keep checkpoints for 1 to 30 years."
  }
}

variable "document_retention_days" {
  description = "How long copies of exports and dossiers are locked against deletion, except for who may bypass governance."
  type        = number
  default     = 365
}

variable "settings" {
  description = "Further settings of all nodes that are no secret, for example of the identity provider (see docs/how-to/connect-entra.md); name = value."
  type        = map(string)
  default     = {}
  validation {
    condition     = !anytrue([for name in keys(var.settings) : can(regex("(?i)(secret|password|token$|apikey|api_key|__key$|__keys$)", name))])
    error_message = "A secret does not belong into plain settings: put it into secret_settings."
  }
}

variable "secret_settings" {
  description = "Settings of all nodes that are secrets: name = ARN of a secret in AWS Secrets Manager that you made."
  type        = map(string)
  default     = {}
  validation {
    condition     = alltrue([for arn in values(var.secret_settings) : can(regex("^arn:aws[a-z-]*:secretsmanager:", arn))])
    error_message = "Give the ARN of a secret in AWS Secrets Manager, never the secret itself."
  }
}

variable "alarm_topic_arns" {
  description = "SNS topics that are told of alarms."
  type        = list(string)
  validation {
    condition     = length(var.alarm_topic_arns) > 0
    error_message = "An alarm that tells nobody is none: name at least one SNS topic."
  }
}

variable "collector_image" {
  description = "AWS Distro for OpenTelemetry collector, by digest or version."
  type        = string
  default     = "public.ecr.aws/aws-observability/aws-otel-collector:v0.43.3"
}

variable "copier_image" {
  description = "Image with the AWS CLI that copies checkpoints to the locked bucket."
  type        = string
  default     = "public.ecr.aws/aws-cli/aws-cli:2.27.50"
}

variable "deletion_protection" {
  description = "Protects database and load balancer; false only to take an installation down."
  type        = bool
  default     = true
}
