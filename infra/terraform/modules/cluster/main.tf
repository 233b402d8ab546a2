variable "name" { type = string }
variable "kms_key_arn" { type = string }

resource "aws_ecs_cluster" "this" {
  name = var.name
  setting {
    name  = "containerInsights"
    value = "enabled"
  }
}

resource "aws_cloudwatch_log_group" "metrics" {
  name              = "/${var.name}/metrics"
  retention_in_days = 30
  kms_key_id        = var.kms_key_arn
}

# What a node's collector does: takes OTLP from its neighbour in the task, sends spans to X-Ray and metrics to CloudWatch.
locals {
  collector = yamlencode({
    receivers = { otlp = { protocols = { grpc = { endpoint = "127.0.0.1:4317" } } } }
    processors = {
      batch          = {}
      memory_limiter = { check_interval = "1s", limit_mib = 200 }
    }
    exporters = {
      awsxray = {}
      awsemf = {
        namespace                        = "Countersign"
        log_group_name                   = aws_cloudwatch_log_group.metrics.name
        dimension_rollup_option          = "NoDimensionRollup"
        resource_to_telemetry_conversion = { enabled = true }
        metric_declarations              = [{ dimensions = [["service.name"]], metric_name_selectors = ["^countersign\\..*", "^http\\.server\\.request\\.duration$"] }]
      }
    }
    service = {
      pipelines = {
        traces  = { receivers = ["otlp"], processors = ["memory_limiter", "batch"], exporters = ["awsxray"] }
        metrics = { receivers = ["otlp"], processors = ["memory_limiter", "batch"], exporters = ["awsemf"] }
      }
    }
  })
}

output "arn" { value = aws_ecs_cluster.this.arn }
output "name" { value = aws_ecs_cluster.this.name }
output "collector_configuration" { value = local.collector }
output "metrics_log_group_arn" { value = aws_cloudwatch_log_group.metrics.arn }
