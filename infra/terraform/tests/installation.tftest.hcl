mock_provider "aws" {
  source = "./tests/mocks"
}

variables {
  name             = "trial"
  image            = "111122223333.dkr.ecr.eu-central-1.amazonaws.com/countersign@sha256:0000000000000000000000000000000000000000000000000000000000000000"
  domain           = "countersign.example.com"
  certificate_arn  = "arn:aws:acm:eu-central-1:111122223333:certificate/00000000-0000-0000-0000-000000000000"
  zones            = ["eu-central-1a", "eu-central-1b", "eu-central-1c"]
  alarm_topic_arns = ["arn:aws:sns:eu-central-1:111122223333:alarms"]
}

run "whole" {
  assert {
    condition     = join(",", sort(keys(module.service))) == "api,console,workers"
    error_message = "There is a service for each role."
  }
  assert {
    condition     = strcontains(local.server, "SSL Mode=VerifyFull") && !strcontains(local.server, "Username") && !strcontains(local.server, "Password")
    error_message = "Nodes connect without verifying the server, or as a user of their own."
  }
  assert {
    condition     = alltrue([for role in ["api", "workers"] : local.roles[role].environment["Countersign__Database__Migration"] == "step" && !contains(keys(local.roles[role].secrets), "Countersign__Database__Password")])
    error_message = "A node migrates, or has the administrator's password."
  }
  assert {
    condition     = alltrue([for role in values(local.roles) : role.environment["ASPNETCORE_ENVIRONMENT"] == "Production" && role.environment["Identity__Local__Enabled"] == "false"])
    error_message = "A node has demo people."
  }
  assert {
    condition     = alltrue([for role in ["api", "workers"] : contains(keys(local.roles[role].secrets), "Countersign__Keys__Master") && contains(keys(local.roles[role].secrets), "Countersign__Trail__Keys")])
    error_message = "Nodes would each make keys of their own."
  }
  assert {
    condition     = !contains(keys(local.roles.console.environment), "ConnectionStrings__Countersign") && !contains(keys(local.roles.console.secrets), "Countersign__Database__RoleSecret") && !contains(keys(local.roles.console.secrets), "Countersign__Keys__Master")
    error_message = "The console could open the database or what is sealed in it."
  }
  assert {
    condition     = tonumber(local.roles.api.environment["Countersign__Database__Nodes"]) * 55 <= var.database.max_connections - 10
    error_message = "The pools of all nodes would not fit the server, and no node would start."
  }
  assert {
    condition     = alltrue([for rule in aws_vpc_security_group_ingress_rule.edge : rule.cidr_ipv4 == null && rule.from_port == 8080]) && length(aws_vpc_security_group_ingress_rule.edge) == 2
    error_message = "Somebody besides the load balancer may talk to a node."
  }
  assert {
    condition     = !contains([for key, rule in aws_vpc_security_group_egress_rule.inside : key], "console-5432")
    error_message = "The console reaches the database."
  }
  assert {
    condition     = output.address == "https://countersign.example.com"
    error_message = "The address is not the domain."
  }
}

run "alarms" {
  module {
    source = "./modules/alarms"
  }
  variables {
    topic_arns            = ["arn:aws:sns:eu-central-1:111122223333:alarms"]
    cluster_name          = "trial"
    service_counts        = { api = 2, console = 2, workers = 2 }
    database_identifier   = "trial"
    load_balancer_suffix  = "app/trial/1"
    target_group_suffixes = { api = "targetgroup/api/1", console = "targetgroup/console/1" }
  }
  assert {
    condition = alltrue([for alarm in concat(values(aws_cloudwatch_metric_alarm.own), values(aws_cloudwatch_metric_alarm.database), values(aws_cloudwatch_metric_alarm.unhealthy), values(aws_cloudwatch_metric_alarm.tasks), [aws_cloudwatch_metric_alarm.errors]) :
    contains(alarm.alarm_actions, "arn:aws:sns:eu-central-1:111122223333:alarms") && strcontains(alarm.alarm_description, "docs/runbooks/alarms.md#")])
    error_message = "An alarm tells nobody, or not what to do."
  }
  assert {
    condition     = alltrue([for key, alarm in aws_cloudwatch_metric_alarm.own : alarm.treat_missing_data == "breaching" if key != "jobs-wait"])
    error_message = "Silence would look like health."
  }
}

run "example" {
  module {
    source = "./environments/example"
  }
  variables {
    region      = "eu-central-1"
    alarm_email = "operations@example.com"
  }
  assert {
    condition     = aws_sns_topic.alarms.kms_master_key_id == aws_kms_key.alarms.arn && strcontains(aws_kms_key.alarms.policy, "\"cloudwatch.amazonaws.com\"")
    error_message = "Alarms cannot be told: CloudWatch may not use the topic's key."
  }
  assert {
    condition     = output.countersign.address == "https://countersign.example.com"
    error_message = "The example does not make the installation."
  }
}

run "what_must_not_be_is_refused" {
  command = plan
  variables {
    name                       = "Trial!"
    image                      = "countersign:latest"
    domain                     = "https://countersign.example.com/"
    certificate_arn            = "none"
    vpc_cidr                   = "10.0.0.0/28"
    zones                      = ["eu-central-1a"]
    alarm_topic_arns           = []
    checkpoint_retention_years = 0
    settings                   = { Identity__ClientSecret = "in-the-clear" }
    secret_settings            = { Identity__ClientSecret = "in-the-clear" }
  }
  expect_failures = [var.name, var.image, var.domain, var.certificate_arn, var.vpc_cidr, var.zones, var.alarm_topic_arns, var.checkpoint_retention_years, var.settings, var.secret_settings]
}
