variable "name" { type = string }
variable "vpc_id" { type = string }
variable "subnet_ids" { type = map(string) }
variable "client_security_group_ids" { type = map(string) }
variable "kms_key_arn" { type = string }

# The data folder that nodes share: the trail's second place and Data Protection's keys. Number of the image's user.
locals {
  user = 1654
}

resource "aws_efs_file_system" "this" {
  creation_token   = var.name
  encrypted        = true
  kms_key_id       = var.kms_key_arn
  performance_mode = "generalPurpose"
  throughput_mode  = "elastic"
  tags             = { Name = var.name }
}

resource "aws_efs_backup_policy" "this" {
  file_system_id = aws_efs_file_system.this.id
  backup_policy {
    status = "ENABLED"
  }
}

# Nobody mounts it without TLS and a role; no role may act as root on it.
resource "aws_efs_file_system_policy" "this" {
  file_system_id = aws_efs_file_system.this.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      { Sid = "OnlyByTls", Effect = "Deny", Principal = { AWS = "*" }, Action = "*", Resource = aws_efs_file_system.this.arn, Condition = { Bool = { "aws:SecureTransport" = "false" } } },
      {
        Sid       = "ByAccessPoint"
        Effect    = "Allow"
        Principal = { AWS = "*" }
        Action    = ["elasticfilesystem:ClientMount", "elasticfilesystem:ClientWrite"]
        Resource  = aws_efs_file_system.this.arn
        Condition = {
          Bool         = { "elasticfilesystem:AccessedViaMountTarget" = "true" }
          StringEquals = { "elasticfilesystem:AccessPointArn" = [for point in aws_efs_access_point.this : point.arn] }
        }
      },
    ]
  })
}

resource "aws_security_group" "this" {
  name        = "${var.name}-files"
  description = "Shared files: from the nodes alone, to nowhere"
  vpc_id      = var.vpc_id
}

resource "aws_vpc_security_group_ingress_rule" "nodes" {
  for_each                     = var.client_security_group_ids
  security_group_id            = aws_security_group.this.id
  referenced_security_group_id = each.value
  from_port                    = 2049
  to_port                      = 2049
  ip_protocol                  = "tcp"
  description                  = each.key
}

resource "aws_efs_mount_target" "this" {
  for_each        = var.subnet_ids
  file_system_id  = aws_efs_file_system.this.id
  subnet_id       = each.value
  security_groups = [aws_security_group.this.id]
}

# The console sees nothing of the data folder of those that open the database.
resource "aws_efs_access_point" "this" {
  for_each       = toset(["nodes", "console"])
  file_system_id = aws_efs_file_system.this.id
  posix_user {
    uid = local.user
    gid = local.user
  }
  root_directory {
    path = "/${each.key}"
    creation_info {
      owner_uid   = local.user
      owner_gid   = local.user
      permissions = "0700"
    }
  }
}

output "file_system_id" { value = aws_efs_file_system.this.id }
output "file_system_arn" { value = aws_efs_file_system.this.arn }
output "access_point_ids" { value = { for key, point in aws_efs_access_point.this : key => point.id } }
output "access_point_arns" { value = { for key, point in aws_efs_access_point.this : key => point.arn } }
