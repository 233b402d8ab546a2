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

data "aws_caller_identity" "this" {}
data "aws_partition" "this" {}

# SNS's own key lets no alarm through: CloudWatch may not use it. What is told by mail needs a key that it may use.
resource "aws_kms_key" "alarms" {
  description             = "${var.name}: alarms"
  enable_key_rotation     = true
  deletion_window_in_days = 30
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid       = "Owner"
        Effect    = "Allow"
        Principal = { AWS = "arn:${data.aws_partition.this.partition}:iam::${data.aws_caller_identity.this.account_id}:root" }
        Action    = "kms:*"
        Resource  = "*"
      },
      {
        Sid       = "Alarms"
        Effect    = "Allow"
        Principal = { Service = "cloudwatch.amazonaws.com" }
        Action    = ["kms:Decrypt", "kms:GenerateDataKey*"]
        Resource  = "*"
        Condition = { StringEquals = { "aws:SourceAccount" = data.aws_caller_identity.this.account_id } }
      },
    ]
  })
}

resource "aws_sns_topic" "alarms" {
  name              = "${var.name}-alarms"
  kms_master_key_id = aws_kms_key.alarms.arn
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
