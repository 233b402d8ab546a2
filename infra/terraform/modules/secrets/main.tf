variable "name" { type = string }
variable "kms_key_arn" { type = string }

# Only the places: values are put in by a person (docs/how-to/deploy-on-aws.md), so that none lies in a state file.
locals {
  places = {
    role-secret = "From which the passwords of the database roles are derived; 32 characters or more"
    master-keys = "Master keys that wrap all others, as in keys/master.keys"
    trail-keys  = "Keys that sign the trail, as in keys/trail.key"
  }
}

resource "aws_secretsmanager_secret" "this" {
  for_each                = local.places
  name                    = "${var.name}/${each.key}"
  description             = each.value
  kms_key_id              = var.kms_key_arn
  recovery_window_in_days = 30
}

output "arns" { value = { for key, secret in aws_secretsmanager_secret.this : key => secret.arn } }
