variable "name" { type = string }
variable "topic_arns" { type = list(string) }
variable "cluster_name" { type = string }
variable "service_counts" { type = map(number) }
variable "database_identifier" { type = string }
variable "load_balancer_suffix" { type = string }
variable "target_group_suffixes" { type = map(string) }

locals {
  runbooks = "docs/runbooks/alarms.md"

  # Of the service itself; docs/reference/telemetry.md tells what each measures. Silence is an alarm too.
  own = {
    jobs-wait      = { metric = "countersign.jobs.oldest_waiting", threshold = 300, periods = 3, what = "A built-in job has waited for more than 5 minutes" }
    timers-late    = { metric = "countersign.timers.overdue", threshold = 60, periods = 3, what = "A timer is more than a minute late" }
    webhooks-wait  = { metric = "countersign.webhooks.oldest_waiting", threshold = 86400, periods = 1, what = "A webhook has not been taken for a day" }
    messages-dead  = { metric = "countersign.messages.dead", threshold = 0, periods = 1, what = "A message could not be handled and waits for a person" }
    trail-lags     = { metric = "countersign.trail.lag", threshold = 120, periods = 3, what = "Events are not in the trail for more than 2 minutes" }
    trail-alarm    = { metric = "countersign.trail.alarms", threshold = 0, periods = 1, what = "The trail says that something is wrong" }
    runner-crowded = { metric = "countersign.runner.waiting", threshold = 1500, periods = 3, what = "Commands pile up at a node" }
  }

  database = {
    database-cpu         = { metric = "CPUUtilization", threshold = 80, comparison = "GreaterThanThreshold", what = "The database works at more than 80 percent" }
    database-storage     = { metric = "FreeStorageSpace", threshold = 10737418240, comparison = "LessThanThreshold", what = "Less than 10 GB are free in the database" }
    database-memory      = { metric = "FreeableMemory", threshold = 536870912, comparison = "LessThanThreshold", what = "Less than 512 MB of the database's memory are free" }
    database-connections = { metric = "DatabaseConnections", threshold = 400, comparison = "GreaterThanThreshold", what = "The database has more than 400 connections" }
  }
}

resource "aws_cloudwatch_metric_alarm" "own" {
  for_each            = local.own
  alarm_name          = "${var.name}-${each.key}"
  alarm_description   = "${each.value.what}. See ${local.runbooks}#${each.key}"
  namespace           = "Countersign"
  metric_name         = each.value.metric
  dimensions          = { "service.name" = "countersign" }
  statistic           = "Maximum"
  period              = 60
  evaluation_periods  = each.value.periods
  threshold           = each.value.threshold
  comparison_operator = "GreaterThanThreshold"
  # Jobs that wait are counted by type; without any there is no figure, and that is health.
  treat_missing_data = each.key == "jobs-wait" ? "notBreaching" : "breaching"
  alarm_actions      = var.topic_arns
  ok_actions         = var.topic_arns
}

resource "aws_cloudwatch_metric_alarm" "database" {
  for_each            = local.database
  alarm_name          = "${var.name}-${each.key}"
  alarm_description   = "${each.value.what}. See ${local.runbooks}#${each.key}"
  namespace           = "AWS/RDS"
  metric_name         = each.value.metric
  dimensions          = { DBInstanceIdentifier = var.database_identifier }
  statistic           = "Average"
  period              = 60
  evaluation_periods  = 5
  threshold           = each.value.threshold
  comparison_operator = each.value.comparison
  treat_missing_data  = "breaching"
  alarm_actions       = var.topic_arns
  ok_actions          = var.topic_arns
}

resource "aws_cloudwatch_metric_alarm" "unhealthy" {
  for_each            = var.target_group_suffixes
  alarm_name          = "${var.name}-${each.key}-unhealthy"
  alarm_description   = "A node of role ${each.key} gets no requests because it is not ready. See ${local.runbooks}#node-unhealthy"
  namespace           = "AWS/ApplicationELB"
  metric_name         = "UnHealthyHostCount"
  dimensions          = { LoadBalancer = var.load_balancer_suffix, TargetGroup = each.value }
  statistic           = "Maximum"
  period              = 60
  evaluation_periods  = 5
  threshold           = 0
  comparison_operator = "GreaterThanThreshold"
  treat_missing_data  = "notBreaching"
  alarm_actions       = var.topic_arns
  ok_actions          = var.topic_arns
}

resource "aws_cloudwatch_metric_alarm" "errors" {
  alarm_name          = "${var.name}-errors"
  alarm_description   = "More than ten answers in five minutes were failures of ours. See ${local.runbooks}#errors"
  namespace           = "AWS/ApplicationELB"
  metric_name         = "HTTPCode_Target_5XX_Count"
  dimensions          = { LoadBalancer = var.load_balancer_suffix }
  statistic           = "Sum"
  period              = 300
  evaluation_periods  = 1
  threshold           = 10
  comparison_operator = "GreaterThanThreshold"
  treat_missing_data  = "notBreaching"
  alarm_actions       = var.topic_arns
  ok_actions          = var.topic_arns
}

resource "aws_cloudwatch_metric_alarm" "tasks" {
  for_each            = var.service_counts
  alarm_name          = "${var.name}-${each.key}-tasks"
  alarm_description   = "Fewer tasks of role ${each.key} run than should. See ${local.runbooks}#tasks-missing"
  namespace           = "ECS/ContainerInsights"
  metric_name         = "RunningTaskCount"
  dimensions          = { ClusterName = var.cluster_name, ServiceName = each.key }
  statistic           = "Minimum"
  period              = 60
  evaluation_periods  = 5
  threshold           = each.value
  comparison_operator = "LessThanThreshold"
  treat_missing_data  = "breaching"
  alarm_actions       = var.topic_arns
  ok_actions          = var.topic_arns
}
