mock_provider "aws" {
  source = "./tests/mocks"
}

run "database" {
  module {
    source = "./modules/database"
  }
  variables {
    name                      = "trial"
    vpc_id                    = "vpc-1"
    subnet_ids                = ["subnet-1", "subnet-2"]
    client_security_group_ids = { api = "sg-1", workers = "sg-2" }
    kms_key_arn               = "arn:aws:kms:eu-central-1:111122223333:key/data"
    secrets_kms_key_arn       = "arn:aws:kms:eu-central-1:111122223333:key/secrets"
    instance_class            = "db.m7g.large"
    engine_version            = "17.6"
    storage_gb                = 100
    most_storage_gb           = 1000
    backup_days               = 35
    max_connections           = 500
    deletion_protection       = true
    apply_immediately         = false
  }
  assert {
    condition     = aws_db_instance.this.multi_az
    error_message = "The database stands in one zone only."
  }
  assert {
    condition     = aws_db_instance.this.storage_encrypted && aws_db_instance.this.kms_key_id == var.kms_key_arn
    error_message = "The database's disk is not encrypted with our key."
  }
  assert {
    condition     = !aws_db_instance.this.publicly_accessible
    error_message = "The database can be reached from the internet."
  }
  assert {
    condition     = aws_db_instance.this.deletion_protection && !aws_db_instance.this.skip_final_snapshot && !aws_db_instance.this.delete_automated_backups
    error_message = "The database can be deleted with its backups."
  }
  assert {
    condition     = aws_db_instance.this.manage_master_user_password && aws_db_instance.this.password == null && aws_db_instance.this.master_user_secret_kms_key_id == var.secrets_kms_key_arn
    error_message = "The administrator's password is not RDS's own secret."
  }
  assert {
    condition     = aws_db_instance.this.backup_retention_period >= 7 && aws_db_instance.this.performance_insights_kms_key_id == var.kms_key_arn
    error_message = "Backups are too short, or insights are not encrypted."
  }
  assert {
    condition     = one([for p in aws_db_parameter_group.this.parameter : p.value if p.name == "rds.force_ssl"]) == "1"
    error_message = "The database takes connections without TLS."
  }
  assert {
    condition     = one([for p in aws_db_parameter_group.this.parameter : p.value if p.name == "log_parameter_max_length"]) == "0"
    error_message = "The database's log may hold values, so personal data."
  }
  assert {
    condition     = alltrue([for rule in aws_vpc_security_group_ingress_rule.nodes : rule.cidr_ipv4 == null && rule.from_port == 5432 && rule.to_port == 5432]) && length(aws_vpc_security_group_ingress_rule.nodes) == 2
    error_message = "Others than the nodes' groups may connect."
  }
}

run "database_refuses_short_backups" {
  command = plan
  module {
    source = "./modules/database"
  }
  variables {
    name                      = "trial"
    vpc_id                    = "vpc-1"
    subnet_ids                = ["subnet-1", "subnet-2"]
    client_security_group_ids = {}
    kms_key_arn               = "arn:aws:kms:eu-central-1:111122223333:key/data"
    secrets_kms_key_arn       = "arn:aws:kms:eu-central-1:111122223333:key/secrets"
    instance_class            = "db.m7g.large"
    engine_version            = "14.1"
    storage_gb                = 100
    most_storage_gb           = 1000
    backup_days               = 1
    max_connections           = 20
    deletion_protection       = true
    apply_immediately         = false
  }
  expect_failures = [var.backup_days, var.engine_version, var.max_connections]
}

run "network" {
  module {
    source = "./modules/network"
  }
  variables {
    name        = "trial"
    cidr        = "10.40.0.0/16"
    zones       = ["eu-central-1a", "eu-central-1b", "eu-central-1c"]
    region      = "eu-central-1"
    kms_key_arn = "arn:aws:kms:eu-central-1:111122223333:key/data"
  }
  assert {
    condition     = alltrue([for subnet in concat(values(aws_subnet.public), values(aws_subnet.private), values(aws_subnet.database)) : !subnet.map_public_ip_on_launch])
    error_message = "A subnet hands out public addresses."
  }
  assert {
    condition     = length(distinct(concat([for s in aws_subnet.public : s.cidr_block], [for s in aws_subnet.private : s.cidr_block], [for s in aws_subnet.database : s.cidr_block]))) == 9
    error_message = "Subnets overlap."
  }
  assert {
    condition     = length(aws_nat_gateway.this) == 3
    error_message = "A zone that is lost takes another zone's way out along."
  }
  assert {
    condition     = length([for route in aws_route_table.database.route : route if route.cidr_block == "0.0.0.0/0"]) == 0
    error_message = "The database's subnets have a way out."
  }
  assert {
    condition     = alltrue([for table in aws_route_table.private : alltrue([for route in table.route : route.gateway_id == null || route.gateway_id == ""])])
    error_message = "Private subnets lead to the internet gateway."
  }
  assert {
    condition     = aws_flow_log.this.traffic_type == "ALL" && aws_cloudwatch_log_group.flow.kms_key_id == var.kms_key_arn
    error_message = "The network's traffic is not logged, or not encrypted."
  }
}

run "storage" {
  module {
    source = "./modules/storage"
  }
  variables {
    name                       = "trial"
    account_id                 = "111122223333"
    region                     = "eu-central-1"
    partition                  = "aws"
    kms_key_arn                = "arn:aws:kms:eu-central-1:111122223333:key/data"
    checkpoint_retention_years = 10
    document_retention_days    = 365
  }
  assert {
    condition     = alltrue([for bucket in aws_s3_bucket.locked : bucket.object_lock_enabled && !bucket.force_destroy]) && length(aws_s3_bucket.locked) == 2
    error_message = "A bucket has no Object Lock."
  }
  assert {
    condition     = aws_s3_bucket_object_lock_configuration.locked["checkpoints"].rule[0].default_retention[0].mode == "COMPLIANCE" && aws_s3_bucket_object_lock_configuration.locked["checkpoints"].rule[0].default_retention[0].years == 10
    error_message = "Somebody can delete a checkpoint."
  }
  assert {
    condition     = aws_s3_bucket_object_lock_configuration.locked["documents"].rule[0].default_retention[0].mode == "GOVERNANCE"
    error_message = "Nobody could fulfil a right to erasure."
  }
  assert {
    condition     = alltrue([for block in aws_s3_bucket_public_access_block.locked : block.block_public_acls && block.block_public_policy && block.ignore_public_acls && block.restrict_public_buckets])
    error_message = "A bucket can be made public."
  }
  assert {
    condition     = alltrue([for encryption in aws_s3_bucket_server_side_encryption_configuration.locked : alltrue([for rule in encryption.rule : rule.apply_server_side_encryption_by_default[0].sse_algorithm == "aws:kms" && rule.apply_server_side_encryption_by_default[0].kms_master_key_id == var.kms_key_arn])])
    error_message = "A bucket is not encrypted with our key."
  }
  assert {
    condition     = alltrue([for versioning in aws_s3_bucket_versioning.locked : versioning.versioning_configuration[0].status == "Enabled"])
    error_message = "A bucket keeps no versions."
  }
  assert {
    condition     = alltrue([for policy in aws_s3_bucket_policy.locked : strcontains(policy.policy, "\"aws:SecureTransport\":\"false\"") && !strcontains(policy.policy, "\"Allow\"")])
    error_message = "A bucket's policy allows something, or admits plain HTTP."
  }
}

run "files" {
  module {
    source = "./modules/files"
  }
  variables {
    name                      = "trial"
    vpc_id                    = "vpc-1"
    subnet_ids                = { a = "subnet-1", b = "subnet-2" }
    client_security_group_ids = { api = "sg-1" }
    kms_key_arn               = "arn:aws:kms:eu-central-1:111122223333:key/data"
  }
  assert {
    condition     = aws_efs_file_system.this.encrypted && aws_efs_file_system.this.kms_key_id == var.kms_key_arn
    error_message = "Shared files are not encrypted with our key."
  }
  assert {
    condition     = alltrue([for point in aws_efs_access_point.this : point.posix_user[0].uid == 1654 && point.root_directory[0].creation_info[0].permissions == "0700"])
    error_message = "Files are open to others than the image's user."
  }
  assert {
    condition     = !strcontains(aws_efs_file_system_policy.this.policy, "ClientRootAccess")
    error_message = "Somebody may be root on the files."
  }
}

run "keys" {
  module {
    source = "./modules/keys"
  }
  variables {
    name       = "trial"
    account_id = "111122223333"
    partition  = "aws"
    region     = "eu-central-1"
  }
  assert {
    condition     = aws_kms_key.data.enable_key_rotation && aws_kms_key.secrets.enable_key_rotation && aws_kms_key.data.deletion_window_in_days == 30
    error_message = "A key does not rotate, or can be deleted in haste."
  }
  assert {
    condition     = alltrue([for policy in [aws_kms_key.data.policy, aws_kms_key.secrets.policy] : !strcontains(policy, "\"Principal\":\"*\"") && !strcontains(policy, "\"AWS\":\"*\"")])
    error_message = "A key is open to anybody."
  }
}

run "secrets" {
  module {
    source = "./modules/secrets"
  }
  variables {
    name        = "trial"
    kms_key_arn = "arn:aws:kms:eu-central-1:111122223333:key/secrets"
  }
  assert {
    condition     = alltrue([for secret in aws_secretsmanager_secret.this : secret.kms_key_id == var.kms_key_arn && secret.recovery_window_in_days == 30])
    error_message = "A secret is not under our key, or is gone at once when deleted."
  }
}

run "edge" {
  module {
    source = "./modules/edge"
  }
  variables {
    name                = "trial"
    account_id          = "111122223333"
    region              = "eu-central-1"
    partition           = "aws"
    vpc_id              = "vpc-1"
    subnet_ids          = ["subnet-1", "subnet-2"]
    certificate_arn     = "arn:aws:acm:eu-central-1:111122223333:certificate/1"
    own_addresses       = ["203.0.113.1", "203.0.113.2"]
    deletion_protection = true
  }
  assert {
    condition     = aws_lb.this.enable_deletion_protection && aws_lb.this.drop_invalid_header_fields && aws_lb.this.access_logs[0].enabled
    error_message = "The load balancer is not protected, not strict or not logged."
  }
  assert {
    condition     = aws_lb_listener.https.protocol == "HTTPS" && startswith(aws_lb_listener.https.ssl_policy, "ELBSecurityPolicy-TLS13") && aws_lb_listener.http.default_action[0].type == "redirect"
    error_message = "Plain HTTP or an old TLS is served."
  }
  assert {
    condition     = alltrue([for group in aws_lb_target_group.this : group.health_check[0].path == "/health/ready" && group.health_check[0].matcher == "200"])
    error_message = "A node that cannot work gets requests."
  }
  assert {
    condition     = aws_lb_target_group.this["console"].stickiness[0].enabled && !aws_lb_target_group.this["api"].stickiness[0].enabled
    error_message = "A person's session would move from node to node."
  }
  assert {
    condition     = contains(aws_lb_listener_rule.closed.condition[*].path_pattern[0].values, toset(["/health/*", "/metrics"]))
    error_message = "Health and metrics can be asked from outside."
  }
  assert {
    condition     = contains(aws_lb_listener_rule.api.condition[*].path_pattern[0].values, toset(["/v1/*", "/openapi/*", "/hooks/*", "/scim/*"]))
    error_message = "Calls for the API, Stripe's among them, end at the console."
  }
  assert {
    condition     = aws_wafv2_ip_set.own.addresses == toset(["203.0.113.1/32", "203.0.113.2/32"]) && alltrue([for rule in aws_wafv2_web_acl.this.rule : alltrue([for rate in rule.statement[0].rate_based_statement : length(rate.scope_down_statement[0].not_statement) == 1])])
    error_message = "The console's calls for all its people are counted as one caller's."
  }
  assert {
    condition = length(setsubtract(["NoUserAgent_HEADER", "SizeRestrictions_QUERYSTRING", "SizeRestrictions_BODY", "GenericRFI_BODY"], flatten([for rule in aws_wafv2_web_acl.this.rule :
    [for statement in rule.statement[0].managed_rule_group_statement : statement.rule_action_override[*].name]]))) == 0
    error_message = "The firewall turns away the console's own calls, sign-ins or documents."
  }
  assert {
    condition     = length([for rule in aws_wafv2_web_acl.this.rule : rule if length(rule.statement[0].rate_based_statement) > 0]) == 1 && length(aws_wafv2_web_acl.this.rule) == 4
    error_message = "The firewall lacks a rule."
  }
  assert {
    condition     = aws_s3_bucket_public_access_block.logs.restrict_public_buckets && aws_s3_bucket_public_access_block.logs.block_public_policy
    error_message = "The access logs can be made public."
  }
}
