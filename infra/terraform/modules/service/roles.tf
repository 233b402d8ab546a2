# Two roles: one fetches the image and the secrets before the node runs, the other is what the node itself may do.
locals {
  by_tasks = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Principal = { Service = "ecs-tasks.amazonaws.com" }, Action = "sts:AssumeRole" }]
  })

  # An ARN may end in the member of a secret that is wanted (…:password::); the right is to the secret.
  secret_arns = distinct([for value in values(var.secrets) : join(":", slice(split(":", value), 0, 7))])

  execution = concat(
    [
      { Sid = "Log", Effect = "Allow", Action = ["logs:CreateLogStream", "logs:PutLogEvents"], Resource = "${aws_cloudwatch_log_group.this.arn}:*" },
      # Signing in to a registry names no resource.
      { Sid = "SignIn", Effect = "Allow", Action = ["ecr:GetAuthorizationToken"], Resource = "*" },
    ],
    # An image from elsewhere needs no right here.
    [for repository in local.repositories : { Sid = "Image", Effect = "Allow", Action = ["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer", "ecr:BatchCheckLayerAvailability"], Resource = repository }],
    flatten([for arns in length(local.secret_arns) == 0 ? [] : [local.secret_arns] : [
      { Sid = "Secrets", Effect = "Allow", Action = ["secretsmanager:GetSecretValue"], Resource = arns },
      { Sid = "OpenSecrets", Effect = "Allow", Action = ["kms:Decrypt"], Resource = var.secrets_kms_key_arn, Condition = { StringEquals = { "kms:ViaService" = "secretsmanager.${var.region}.amazonaws.com" } } },
    ]]),
  )

  ecr          = can(regex("^[0-9]{12}\\.dkr\\.ecr\\.", var.image)) ? regex("^(?P<account>[0-9]{12})\\.dkr\\.ecr\\.(?P<region>[a-z0-9-]+)\\.[^/]+/(?P<name>[^@:]+)", var.image) : null
  repositories = local.ecr == null ? [] : ["arn:aws:ecr:${local.ecr.region}:${local.ecr.account}:repository/${local.ecr.name}"]

  own = concat(
    [for data in var.data == null ? [] : [var.data] : {
      Sid       = "Data"
      Effect    = "Allow"
      Action    = ["elasticfilesystem:ClientMount", "elasticfilesystem:ClientWrite"]
      Resource  = data.file_system_arn
      Condition = { StringEquals = { "elasticfilesystem:AccessPointArn" = data.access_point_arn } }
    }],
    flatten([for collector in var.collector == null ? [] : [var.collector] : [
      # X-Ray knows no resources.
      { Sid = "Spans", Effect = "Allow", Action = ["xray:PutTraceSegments", "xray:PutTelemetryRecords"], Resource = "*" },
      { Sid = "Metrics", Effect = "Allow", Action = ["logs:CreateLogStream", "logs:PutLogEvents", "logs:DescribeLogStreams"], Resource = "${collector.metrics_log_group_arn}:*" },
    ]]),
    # Neither delete nor bypass: what is written stays.
    flatten([for checkpoints in var.checkpoints == null ? [] : [var.checkpoints] : [
      { Sid = "Checkpoints", Effect = "Allow", Action = ["s3:PutObject"], Resource = "${checkpoints.bucket_arn}/trail/*" },
      { Sid = "FindCheckpoints", Effect = "Allow", Action = ["s3:ListBucket"], Resource = checkpoints.bucket_arn },
      { Sid = "SealCheckpoints", Effect = "Allow", Action = ["kms:GenerateDataKey", "kms:Decrypt"], Resource = var.kms_key_arn, Condition = { StringEquals = { "kms:ViaService" = "s3.${var.region}.amazonaws.com" } } },
    ]]),
  )
}

resource "aws_iam_role" "execution" {
  name               = "${local.full}-execution"
  assume_role_policy = local.by_tasks
}

resource "aws_iam_role_policy" "execution" {
  role   = aws_iam_role.execution.id
  policy = jsonencode({ Version = "2012-10-17", Statement = local.execution })
}

resource "aws_iam_role" "task" {
  name               = "${local.full}-task"
  assume_role_policy = local.by_tasks
}

resource "aws_iam_role_policy" "task" {
  count  = length(local.own) == 0 ? 0 : 1
  role   = aws_iam_role.task.id
  policy = jsonencode({ Version = "2012-10-17", Statement = local.own })
}
