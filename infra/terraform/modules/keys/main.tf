variable "name" { type = string }
variable "account_id" { type = string }
variable "partition" { type = string }
variable "region" { type = string }

# One key for data at rest, one for secrets: who may read backups may not read secrets.
resource "aws_kms_key" "data" {
  description             = "${var.name}: database, files, buckets, logs"
  enable_key_rotation     = true
  deletion_window_in_days = 30
  policy                  = local.data_policy
}

resource "aws_kms_alias" "data" {
  name          = "alias/${var.name}-data"
  target_key_id = aws_kms_key.data.key_id
}

resource "aws_kms_key" "secrets" {
  description             = "${var.name}: secrets"
  enable_key_rotation     = true
  deletion_window_in_days = 30
  policy                  = local.owner_policy
}

resource "aws_kms_alias" "secrets" {
  name          = "alias/${var.name}-secrets"
  target_key_id = aws_kms_key.secrets.key_id
}

locals {
  owner = {
    Sid       = "Owner"
    Effect    = "Allow"
    Principal = { AWS = "arn:${var.partition}:iam::${var.account_id}:root" }
    Action    = "kms:*"
    Resource  = "*"
  }
  owner_policy = jsonencode({ Version = "2012-10-17", Statement = [local.owner] })
  data_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [local.owner, {
      Sid       = "Logs"
      Effect    = "Allow"
      Principal = { Service = "logs.${var.region}.amazonaws.com" }
      Action    = ["kms:Encrypt", "kms:Decrypt", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:Describe*"]
      Resource  = "*"
      Condition = { ArnLike = { "kms:EncryptionContext:aws:logs:arn" = "arn:${var.partition}:logs:${var.region}:${var.account_id}:*" } }
    }]
  })
}

output "data_arn" { value = aws_kms_key.data.arn }
output "secrets_arn" { value = aws_kms_key.secrets.arn }
