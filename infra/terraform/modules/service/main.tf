locals {
  full     = "${var.name}-${var.role}"
  once     = var.role == "migrate"
  user     = "1654:1654"
  log      = { logDriver = "awslogs", options = { "awslogs-group" = aws_cloudwatch_log_group.this.name, "awslogs-region" = var.region, "awslogs-stream-prefix" = var.role } }
  hardened = { initProcessEnabled = true, capabilities = { drop = ["ALL"], add = [] } }

  node = {
    name                   = "countersign"
    image                  = var.image
    essential              = true
    user                   = local.user
    readonlyRootFilesystem = true
    privileged             = false
    linuxParameters        = local.hardened
    # A member of the list that is null would be sent as one: a command is given only to the step.
    command      = local.once ? ["migrate"] : []
    environment  = [for name in sort(keys(var.environment)) : { name = name, value = var.environment[name] }]
    secrets      = [for name in sort(keys(var.secrets)) : { name = name, valueFrom = var.secrets[name] }]
    portMappings = local.once ? [] : [{ containerPort = 8080, protocol = "tcp" }]
    mountPoints  = var.data == null ? [] : [{ sourceVolume = "data", containerPath = "/data", readOnly = false }]
    # Longer than the 45 seconds a node takes to end what it has begun.
    stopTimeout      = 60
    logConfiguration = local.log
    healthCheck      = local.once ? null : { command = ["CMD", "dotnet", "/app/Countersign.Api.dll", "health"], interval = 30, timeout = 10, retries = 3, startPeriod = 120 }
  }

  collector = [for collector in var.collector == null ? [] : [var.collector] : {
    name                   = "collector"
    image                  = collector.image
    essential              = false
    user                   = "10001"
    readonlyRootFilesystem = true
    privileged             = false
    linuxParameters        = local.hardened
    environment            = [{ name = "AOT_CONFIG_CONTENT", value = collector.configuration }]
    logConfiguration       = local.log
  }]

  # Files are made once and never changed; in the bucket nobody can remove them. When a copy fails the task ends, and another one begins.
  copier = [for checkpoints in var.checkpoints == null ? [] : [var.checkpoints] : {
    name                   = "checkpoints"
    image                  = checkpoints.image
    essential              = true
    user                   = local.user
    readonlyRootFilesystem = true
    privileged             = false
    linuxParameters        = local.hardened
    entryPoint             = ["sh", "-c"]
    command                = ["while [ ! -d /data/trail ] || aws s3 sync /data/trail \"s3://$BUCKET/trail\" --exclude '*.new' --only-show-errors; do sleep 60; done; exit 1"]
    environment            = [{ name = "BUCKET", value = checkpoints.bucket }, { name = "HOME", value = "/data" }]
    mountPoints            = [{ sourceVolume = "data", containerPath = "/data", readOnly = true }]
    dependsOn              = [{ containerName = "countersign", condition = "HEALTHY" }]
    logConfiguration       = local.log
  }]
}

resource "aws_cloudwatch_log_group" "this" {
  name              = "/${var.name}/${var.role}"
  retention_in_days = 365
  kms_key_id        = var.kms_key_arn
}

resource "aws_ecs_task_definition" "this" {
  family                   = local.full
  requires_compatibilities = ["FARGATE"]
  network_mode             = "awsvpc"
  cpu                      = var.cpu
  memory                   = var.memory
  execution_role_arn       = aws_iam_role.execution.arn
  task_role_arn            = aws_iam_role.task.arn
  container_definitions    = jsonencode(concat([local.node], local.collector, local.copier))
  runtime_platform {
    operating_system_family = "LINUX"
    cpu_architecture        = "X86_64"
  }
  dynamic "volume" {
    for_each = var.data == null ? [] : [var.data]
    content {
      name = "data"
      efs_volume_configuration {
        file_system_id     = volume.value.file_system_id
        transit_encryption = "ENABLED"
        authorization_config {
          access_point_id = volume.value.access_point_id
          iam             = "ENABLED"
        }
      }
    }
  }
}

resource "aws_ecs_service" "this" {
  count                              = local.once ? 0 : 1
  name                               = var.role
  cluster                            = var.cluster_arn
  task_definition                    = aws_ecs_task_definition.this.arn
  desired_count                      = var.tasks.count
  launch_type                        = "FARGATE"
  platform_version                   = "1.4.0"
  enable_execute_command             = false
  deployment_minimum_healthy_percent = 100
  deployment_maximum_percent         = 200
  health_check_grace_period_seconds  = var.target_group_arn == null ? null : 120
  deployment_circuit_breaker {
    enable   = true
    rollback = true
  }
  network_configuration {
    subnets          = var.subnet_ids
    security_groups  = [var.security_group_id]
    assign_public_ip = false
  }
  dynamic "load_balancer" {
    for_each = var.target_group_arn == null ? [] : [var.target_group_arn]
    content {
      target_group_arn = load_balancer.value
      container_name   = "countersign"
      container_port   = 8080
    }
  }
  # Load decides how many there are now.
  lifecycle {
    ignore_changes = [desired_count]
  }
}

resource "aws_appautoscaling_target" "this" {
  count              = local.once ? 0 : 1
  service_namespace  = "ecs"
  scalable_dimension = "ecs:service:DesiredCount"
  resource_id        = "service/${var.cluster_name}/${aws_ecs_service.this[0].name}"
  min_capacity       = var.tasks.count
  max_capacity       = var.tasks.most
}

resource "aws_appautoscaling_policy" "this" {
  count              = local.once ? 0 : 1
  name               = local.full
  policy_type        = "TargetTrackingScaling"
  service_namespace  = aws_appautoscaling_target.this[0].service_namespace
  scalable_dimension = aws_appautoscaling_target.this[0].scalable_dimension
  resource_id        = aws_appautoscaling_target.this[0].resource_id
  target_tracking_scaling_policy_configuration {
    target_value       = 60
    scale_in_cooldown  = 300
    scale_out_cooldown = 60
    predefined_metric_specification {
      predefined_metric_type = "ECSServiceAverageCPUUtilization"
    }
  }
}

output "task_definition_arn" { value = aws_ecs_task_definition.this.arn }
output "log_group_name" { value = aws_cloudwatch_log_group.this.name }
output "service_name" { value = one(aws_ecs_service.this[*].name) }
