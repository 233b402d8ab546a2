variable "name" { type = string }
variable "account_id" { type = string }
variable "region" { type = string }
variable "partition" { type = string }
variable "kms_key_arn" { type = string }
variable "checkpoint_retention_years" { type = number }
variable "document_retention_days" {
  type = number
  validation {
    condition     = var.document_retention_days >= 1
    error_message = "Lock copies of documents for at least one day."
  }
}

locals {
  # Compliance: nobody, not even the account's owner, shortens it. Governance: a person's right to erasure must be possible.
  buckets = {
    checkpoints = { mode = "COMPLIANCE", years = var.checkpoint_retention_years, days = null }
    documents   = { mode = "GOVERNANCE", years = null, days = var.document_retention_days }
  }
}

resource "aws_s3_bucket" "locked" {
  for_each            = local.buckets
  bucket              = "${var.name}-${each.key}-${var.account_id}-${var.region}"
  object_lock_enabled = true
  force_destroy       = false
}

resource "aws_s3_bucket_versioning" "locked" {
  for_each = aws_s3_bucket.locked
  bucket   = each.value.id
  versioning_configuration {
    status = "Enabled"
  }
}

resource "aws_s3_bucket_object_lock_configuration" "locked" {
  for_each = local.buckets
  bucket   = aws_s3_bucket.locked[each.key].id
  rule {
    default_retention {
      mode  = each.value.mode
      years = each.value.years
      days  = each.value.days
    }
  }
  depends_on = [aws_s3_bucket_versioning.locked]
}

resource "aws_s3_bucket_server_side_encryption_configuration" "locked" {
  for_each = aws_s3_bucket.locked
  bucket   = each.value.id
  rule {
    apply_server_side_encryption_by_default {
      sse_algorithm     = "aws:kms"
      kms_master_key_id = var.kms_key_arn
    }
    bucket_key_enabled = true
  }
}

resource "aws_s3_bucket_public_access_block" "locked" {
  for_each                = aws_s3_bucket.locked
  bucket                  = each.value.id
  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}

resource "aws_s3_bucket_ownership_controls" "locked" {
  for_each = aws_s3_bucket.locked
  bucket   = each.value.id
  rule {
    object_ownership = "BucketOwnerEnforced"
  }
}

resource "aws_s3_bucket_policy" "locked" {
  for_each = aws_s3_bucket.locked
  bucket   = each.value.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid       = "OnlyByTls"
      Effect    = "Deny"
      Principal = "*"
      Action    = "s3:*"
      Resource  = [each.value.arn, "${each.value.arn}/*"]
      Condition = { Bool = { "aws:SecureTransport" = "false" } }
    }]
  })
}

output "bucket_names" { value = { for key, bucket in aws_s3_bucket.locked : key => bucket.id } }
output "bucket_arns" { value = { for key, bucket in aws_s3_bucket.locked : key => bucket.arn } }
