mock_provider "aws" {
  source = "./tests/mocks"
}

variables {
  name                = "trial"
  image               = "111122223333.dkr.ecr.eu-central-1.amazonaws.com/countersign@sha256:0000000000000000000000000000000000000000000000000000000000000000"
  region              = "eu-central-1"
  cpu                 = 1024
  memory              = 2048
  tasks               = { count = 2, most = 4 }
  cluster_arn         = "arn:aws:ecs:eu-central-1:111122223333:cluster/trial"
  cluster_name        = "trial"
  vpc_id              = "vpc-1"
  subnet_ids          = ["subnet-1", "subnet-2"]
  kms_key_arn         = "arn:aws:kms:eu-central-1:111122223333:key/data"
  secrets_kms_key_arn = "arn:aws:kms:eu-central-1:111122223333:key/secrets"
  security_group_id   = "sg-1"
  environment         = { Countersign__Roles = "workers" }
  secrets             = { Countersign__Database__RoleSecret = "arn:aws:secretsmanager:eu-central-1:111122223333:secret:trial/role-secret-AbCdEf" }
  data = {
    file_system_id   = "fs-0123456789abcdef0"
    file_system_arn  = "arn:aws:elasticfilesystem:eu-central-1:111122223333:file-system/fs-0123456789abcdef0"
    access_point_id  = "fsap-0123456789abcdef0"
    access_point_arn = "arn:aws:elasticfilesystem:eu-central-1:111122223333:access-point/fsap-0123456789abcdef0"
  }
  collector   = { image = "collector:1", configuration = "{}", metrics_log_group_arn = "arn:aws:logs:eu-central-1:111122223333:log-group:/trial/metrics" }
  checkpoints = { image = "aws-cli:2", bucket = "trial-checkpoints", bucket_arn = "arn:aws:s3:::trial-checkpoints" }
}

run "workers" {
  module {
    source = "./modules/service"
  }
  variables {
    role = "workers"
  }
  assert {
    condition     = alltrue([for c in jsondecode(aws_ecs_task_definition.this.container_definitions) : c.readonlyRootFilesystem && !c.privileged && !contains(["", "0", "root", "0:0"], c.user) && contains(c.linuxParameters.capabilities.drop, "ALL")])
    error_message = "A container runs as root, with capabilities, or on a file system it can write to."
  }
  assert {
    condition     = jsondecode(aws_ecs_task_definition.this.container_definitions)[0].secrets == [{ name = "Countersign__Database__RoleSecret", valueFrom = "arn:aws:secretsmanager:eu-central-1:111122223333:secret:trial/role-secret-AbCdEf" }] && length([for e in jsondecode(aws_ecs_task_definition.this.container_definitions)[0].environment : e if can(regex("(?i)secret|password", e.name))]) == 0
    error_message = "A secret lies in the plain environment."
  }
  assert {
    condition     = jsondecode(aws_ecs_task_definition.this.container_definitions)[0].healthCheck.command == ["CMD", "dotnet", "/app/Countersign.Api.dll", "health"] && jsondecode(aws_ecs_task_definition.this.container_definitions)[0].stopTimeout > 45
    error_message = "A node is not asked for its health, or has no time to end its work."
  }
  assert {
    condition     = aws_ecs_task_definition.this.network_mode == "awsvpc" && !aws_ecs_service.this[0].network_configuration[0].assign_public_ip && !aws_ecs_service.this[0].enable_execute_command
    error_message = "A node has a public address, or lets somebody in."
  }
  assert {
    condition     = aws_ecs_service.this[0].deployment_circuit_breaker[0].rollback && aws_ecs_service.this[0].deployment_minimum_healthy_percent == 100
    error_message = "A bad version is not rolled back, or a roll-out takes nodes away first."
  }
  assert {
    condition     = one([for v in aws_ecs_task_definition.this.volume : v.efs_volume_configuration[0]]).transit_encryption == "ENABLED" && one([for v in aws_ecs_task_definition.this.volume : v.efs_volume_configuration[0]]).authorization_config[0].iam == "ENABLED"
    error_message = "The data folder is mounted in the clear, or by anybody."
  }
  assert {
    condition     = aws_cloudwatch_log_group.this.kms_key_id == var.kms_key_arn && aws_cloudwatch_log_group.this.retention_in_days == 365
    error_message = "The log is not encrypted with our key, or kept too short."
  }
  # Least privilege: each action is one of these, and what can be bound to a resource is.
  assert {
    condition = length(setsubtract(flatten([for s in jsondecode(aws_iam_role_policy.task[0].policy).Statement : s.Action]), [
      "elasticfilesystem:ClientMount", "elasticfilesystem:ClientWrite", "xray:PutTraceSegments", "xray:PutTelemetryRecords", "logs:CreateLogStream", "logs:PutLogEvents",
      "logs:DescribeLogStreams", "s3:PutObject", "s3:ListBucket", "kms:GenerateDataKey", "kms:Decrypt",
    ])) == 0
    error_message = "A node may do more than its work needs."
  }
  assert {
    condition     = [for s in concat(jsondecode(aws_iam_role_policy.task[0].policy).Statement, jsondecode(aws_iam_role_policy.execution.policy).Statement) : s.Sid if jsonencode(s.Resource) == "\"*\""] == ["Spans", "SignIn"]
    error_message = "A right that could be bound to a resource is not."
  }
  assert {
    condition     = one([for s in jsondecode(aws_iam_role_policy.execution.policy).Statement : s.Resource if s.Sid == "Secrets"]) == ["arn:aws:secretsmanager:eu-central-1:111122223333:secret:trial/role-secret-AbCdEf"]
    error_message = "The agent may read other secrets."
  }
  assert {
    condition     = one([for s in jsondecode(aws_iam_role_policy.execution.policy).Statement : s.Resource if s.Sid == "Image"]) == "arn:aws:ecr:eu-central-1:111122223333:repository/countersign"
    error_message = "The agent may fetch other images."
  }
}

run "migrate" {
  module {
    source = "./modules/service"
  }
  variables {
    role        = "migrate"
    tasks       = { count = 0, most = 0 }
    collector   = null
    checkpoints = null
    secrets     = { Countersign__Database__Password = "arn:aws:secretsmanager:eu-central-1:111122223333:secret:rds-AbCdEf:password::" }
  }
  assert {
    condition     = length(aws_ecs_service.this) == 0 && jsondecode(aws_ecs_task_definition.this.container_definitions)[0].command == ["migrate"] && length(jsondecode(aws_ecs_task_definition.this.container_definitions)) == 1
    error_message = "The migrate step is a service, or does something else."
  }
  assert {
    condition     = one([for s in jsondecode(aws_iam_role_policy.execution.policy).Statement : s.Resource if s.Sid == "Secrets"]) == ["arn:aws:secretsmanager:eu-central-1:111122223333:secret:rds-AbCdEf"]
    error_message = "The right to the administrator's secret is not to exactly that secret."
  }
  assert {
    condition     = flatten([for s in jsondecode(aws_iam_role_policy.task[0].policy).Statement : s.Action]) == ["elasticfilesystem:ClientMount", "elasticfilesystem:ClientWrite"]
    error_message = "The step itself may do more than use its folder."
  }
}

run "a_role_that_does_not_exist_is_refused" {
  command = plan
  module {
    source = "./modules/service"
  }
  variables {
    role  = "kitchen"
    tasks = { count = 3, most = 2 }
  }
  expect_failures = [var.role, var.tasks]
}
