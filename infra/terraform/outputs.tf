output "address" {
  description = "Where people and programs reach the service, once the domain points to the load balancer."
  value       = local.address
}

output "load_balancer" {
  description = "To point the domain to: an alias to this name and zone."
  value       = { dns_name = module.edge.dns_name, zone_id = module.edge.zone_id }
}

output "secret_arns" {
  description = "Places for secrets; put values in before the first task runs."
  value       = module.secrets.arns
}

output "migrate" {
  description = "What `aws ecs run-task` needs for the migrate step."
  value = {
    cluster         = module.cluster.name
    task_definition = module.migrate.task_definition_arn
    subnets         = module.network.private_subnet_ids
    security_group  = aws_security_group.node["migrate"].id
    log_group       = module.migrate.log_group_name
  }
}

output "buckets" {
  description = "Locked buckets: checkpoints (written by the workers) and documents (for copies of exports and dossiers)."
  value       = module.storage.bucket_names
}
