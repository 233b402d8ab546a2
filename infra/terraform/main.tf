data "aws_caller_identity" "this" {}
data "aws_region" "this" {}
data "aws_partition" "this" {}

locals {
  account   = data.aws_caller_identity.this.account_id
  region    = data.aws_region.this.name
  partition = data.aws_partition.this.partition
  zones     = { for i, zone in var.zones : zone => module.network.private_subnet_ids[i] }
  address   = "https://${var.domain}"

  # Nodes with a database, at their most: pools are counted against the server's connections at the start of each.
  nodes = var.services.api.most + var.services.workers.most

  # The server's name is verified against the authorities that are in the image (docs/how-to/deploy-on-aws.md).
  server = "Host=${module.database.address};Port=${module.database.port};Database=countersign;SSL Mode=VerifyFull;Root Certificate=/app/authorities/database.pem"

  every = merge(var.settings, {
    ASPNETCORE_ENVIRONMENT              = "Production"
    ASPNETCORE_HTTP_PORTS               = "8080"
    ASPNETCORE_FORWARDEDHEADERS_ENABLED = "true"
    AllowedHosts                        = "*"
    DOTNET_EnableDiagnostics            = "0"
    HOME                                = "/data"
    TMPDIR                              = "/data"
    Identity__Local__Enabled            = "false"
    OTEL_EXPORTER_OTLP_ENDPOINT         = "http://127.0.0.1:4317"
    OTEL_SERVICE_NAME                   = "countersign"
    OTEL_LOGS_EXPORTER                  = "none"
  })

  with_database = merge(local.every, {
    ConnectionStrings__Countersign   = local.server
    Countersign__Database__Migration = "step"
    Countersign__Database__Nodes     = tostring(local.nodes)
    Countersign__DataFolder          = "/data"
    Countersign__Trail__Host         = var.domain
    Countersign__Trail__SecondPlace  = "/data/trail"
    Console__ApiAddress              = "${local.address}/"
  })

  secrets = merge(var.secret_settings, {
    Countersign__Database__RoleSecret = module.secrets.arns["role-secret"]
    Countersign__Keys__Master         = module.secrets.arns["master-keys"]
    Countersign__Trail__Keys          = module.secrets.arns["trail-keys"]
  })

  roles = {
    api     = merge(var.services.api, { environment = merge(local.with_database, { Countersign__Roles = "api" }), secrets = local.secrets, files = "nodes" })
    workers = merge(var.services.workers, { environment = merge(local.with_database, { Countersign__Roles = "workers" }), secrets = local.secrets, files = "nodes" })
    console = merge(var.services.console, {
      environment = merge(local.every, { Countersign__Roles = "console", Console__ApiAddress = "${local.address}/" })
      secrets     = var.secret_settings
      files       = "console"
    })
  }
}

module "keys" {
  source     = "./modules/keys"
  name       = var.name
  account_id = local.account
  partition  = local.partition
  region     = local.region
}

module "secrets" {
  source      = "./modules/secrets"
  name        = var.name
  kms_key_arn = module.keys.secrets_arn
}

module "network" {
  source      = "./modules/network"
  name        = var.name
  cidr        = var.vpc_cidr
  zones       = var.zones
  region      = local.region
  kms_key_arn = module.keys.data_arn
}

module "storage" {
  source                     = "./modules/storage"
  name                       = var.name
  account_id                 = local.account
  region                     = local.region
  partition                  = local.partition
  kms_key_arn                = module.keys.data_arn
  checkpoint_retention_years = var.checkpoint_retention_years
  document_retention_days    = var.document_retention_days
}

# Groups of the nodes stand here, because database, files and services all name them.
resource "aws_security_group" "node" {
  for_each    = toset(["api", "console", "workers", "migrate"])
  name        = "${var.name}-${each.key}"
  description = "Nodes of role ${each.key}"
  vpc_id      = module.network.vpc_id
}

resource "aws_vpc_security_group_ingress_rule" "edge" {
  for_each                     = toset(["api", "console"])
  security_group_id            = aws_security_group.node[each.key].id
  referenced_security_group_id = module.edge.security_group_id
  from_port                    = 8080
  to_port                      = 8080
  ip_protocol                  = "tcp"
  description                  = "Load balancer"
}

resource "aws_vpc_security_group_egress_rule" "edge" {
  for_each                     = toset(["api", "console"])
  security_group_id            = module.edge.security_group_id
  referenced_security_group_id = aws_security_group.node[each.key].id
  from_port                    = 8080
  to_port                      = 8080
  ip_protocol                  = "tcp"
  description                  = each.key
}

# AWS itself, the identity provider and, for workers, receivers of webhooks on their ports.
resource "aws_vpc_security_group_egress_rule" "out" {
  for_each          = { for role in ["api", "console", "workers", "migrate"] : role => { from = 443, to = 443 } }
  security_group_id = aws_security_group.node[each.key].id
  cidr_ipv4         = "0.0.0.0/0"
  from_port         = each.value.from
  to_port           = each.value.to
  ip_protocol       = "tcp"
  description       = "HTTPS"
}

resource "aws_vpc_security_group_egress_rule" "webhooks" {
  security_group_id = aws_security_group.node["workers"].id
  cidr_ipv4         = "0.0.0.0/0"
  from_port         = 1024
  to_port           = 65535
  ip_protocol       = "tcp"
  description       = "Webhook receivers on other ports"
}

resource "aws_vpc_security_group_egress_rule" "inside" {
  for_each          = { for pair in setproduct(["api", "workers", "migrate", "console"], [5432, 2049]) : "${pair[0]}-${pair[1]}" => { role = pair[0], port = pair[1] } if !(pair[0] == "console" && pair[1] == 5432) }
  security_group_id = aws_security_group.node[each.value.role].id
  cidr_ipv4         = var.vpc_cidr
  from_port         = each.value.port
  to_port           = each.value.port
  ip_protocol       = "tcp"
  description       = each.value.port == 5432 ? "Database" : "Shared files"
}

module "database" {
  source                    = "./modules/database"
  name                      = var.name
  vpc_id                    = module.network.vpc_id
  subnet_ids                = module.network.database_subnet_ids
  client_security_group_ids = { for role in ["api", "workers", "migrate"] : role => aws_security_group.node[role].id }
  kms_key_arn               = module.keys.data_arn
  secrets_kms_key_arn       = module.keys.secrets_arn
  instance_class            = var.database.instance_class
  engine_version            = var.database.engine_version
  storage_gb                = var.database.storage_gb
  most_storage_gb           = var.database.most_storage_gb
  backup_days               = var.database.backup_days
  max_connections           = var.database.max_connections
  apply_immediately         = var.database.apply_immediately
  deletion_protection       = var.deletion_protection
}

module "files" {
  source                    = "./modules/files"
  name                      = var.name
  vpc_id                    = module.network.vpc_id
  subnet_ids                = local.zones
  client_security_group_ids = { for role, group in aws_security_group.node : role => group.id }
  kms_key_arn               = module.keys.data_arn
}

module "edge" {
  source              = "./modules/edge"
  name                = var.name
  account_id          = local.account
  region              = local.region
  partition           = local.partition
  vpc_id              = module.network.vpc_id
  subnet_ids          = module.network.public_subnet_ids
  certificate_arn     = var.certificate_arn
  own_addresses       = module.network.own_addresses
  deletion_protection = var.deletion_protection
}

module "cluster" {
  source      = "./modules/cluster"
  name        = var.name
  kms_key_arn = module.keys.data_arn
}

module "service" {
  source              = "./modules/service"
  for_each            = local.roles
  name                = var.name
  role                = each.key
  image               = var.image
  region              = local.region
  cpu                 = each.value.cpu
  memory              = each.value.memory
  tasks               = { count = each.value.count, most = each.value.most }
  cluster_arn         = module.cluster.arn
  cluster_name        = module.cluster.name
  vpc_id              = module.network.vpc_id
  subnet_ids          = module.network.private_subnet_ids
  kms_key_arn         = module.keys.data_arn
  secrets_kms_key_arn = module.keys.secrets_arn
  environment         = each.value.environment
  secrets             = each.value.secrets
  security_group_id   = aws_security_group.node[each.key].id
  target_group_arn    = lookup(module.edge.target_group_arns, each.key, null)
  data = {
    file_system_id   = module.files.file_system_id
    file_system_arn  = module.files.file_system_arn
    access_point_id  = module.files.access_point_ids[each.value.files]
    access_point_arn = module.files.access_point_arns[each.value.files]
  }
  collector   = { image = var.collector_image, configuration = module.cluster.collector_configuration, metrics_log_group_arn = module.cluster.metrics_log_group_arn }
  checkpoints = each.key == "workers" ? { image = var.copier_image, bucket = module.storage.bucket_names["checkpoints"], bucket_arn = module.storage.bucket_arns["checkpoints"] } : null
}

# The one task that has the administrator's password; run by hand or by the pipeline before the nodes of a new version.
module "migrate" {
  source              = "./modules/service"
  name                = var.name
  role                = "migrate"
  image               = var.image
  region              = local.region
  cpu                 = 512
  memory              = 1024
  tasks               = { count = 0, most = 0 }
  cluster_arn         = module.cluster.arn
  cluster_name        = module.cluster.name
  vpc_id              = module.network.vpc_id
  subnet_ids          = module.network.private_subnet_ids
  kms_key_arn         = module.keys.data_arn
  secrets_kms_key_arn = module.keys.secrets_arn
  security_group_id   = aws_security_group.node["migrate"].id
  data = {
    file_system_id   = module.files.file_system_id
    file_system_arn  = module.files.file_system_arn
    access_point_id  = module.files.access_point_ids["nodes"]
    access_point_arn = module.files.access_point_arns["nodes"]
  }
  environment = {
    ASPNETCORE_ENVIRONMENT         = "Production"
    ConnectionStrings__Countersign = "${local.server};Username=${module.database.admin_user}"
    Countersign__Database__Nodes   = tostring(local.nodes)
    Countersign__DataFolder        = "/data"
    DOTNET_EnableDiagnostics       = "0"
    HOME                           = "/data"
    TMPDIR                         = "/data"
  }
  secrets = {
    Countersign__Database__Password   = "${module.database.admin_secret_arn}:password::"
    Countersign__Database__RoleSecret = module.secrets.arns["role-secret"]
  }
}

module "alarms" {
  source                = "./modules/alarms"
  name                  = var.name
  topic_arns            = var.alarm_topic_arns
  cluster_name          = module.cluster.name
  service_counts        = { for role, service in local.roles : role => service.count }
  database_identifier   = module.database.identifier
  load_balancer_suffix  = module.edge.arn_suffix
  target_group_suffixes = module.edge.target_group_suffixes
}
