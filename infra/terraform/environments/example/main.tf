terraform {
  required_version = ">= 1.11"
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 5.100, < 6.0"
    }
  }
  # The state names no secret, and still belongs into a bucket of its own: copy this folder and name yours.
  # backend "s3" {
  #   bucket       = "your-terraform-state"
  #   key          = "countersign.tfstate"
  #   region       = "eu-central-1"
  #   encrypt      = true
  #   use_lockfile = true
  # }
}

provider "aws" {
  region = var.region
  default_tags {
    tags = { Application = "countersign", Environment = var.name }
  }
}

variable "region" { type = string }
variable "name" { type = string }
variable "image" { type = string }
variable "domain" { type = string }
variable "certificate_arn" { type = string }
variable "zones" { type = list(string) }
variable "alarm_email" { type = string }
variable "settings" {
  type    = map(string)
  default = {}
}
variable "secret_settings" {
  type    = map(string)
  default = {}
}
variable "services" {
  type    = any
  default = {}
}

resource "aws_sns_topic" "alarms" {
  name              = "${var.name}-alarms"
  kms_master_key_id = "alias/aws/sns"
}

resource "aws_sns_topic_subscription" "alarms" {
  topic_arn = aws_sns_topic.alarms.arn
  protocol  = "email"
  endpoint  = var.alarm_email
}

module "countersign" {
  source           = "../.."
  name             = var.name
  image            = var.image
  domain           = var.domain
  certificate_arn  = var.certificate_arn
  zones            = var.zones
  settings         = var.settings
  secret_settings  = var.secret_settings
  services         = var.services
  alarm_topic_arns = [aws_sns_topic.alarms.arn]
}

output "countersign" { value = module.countersign }
