region          = "eu-central-1"
name            = "countersign"
domain          = "countersign.example.com"
certificate_arn = "arn:aws:acm:eu-central-1:111122223333:certificate/00000000-0000-0000-0000-000000000000"
image           = "111122223333.dkr.ecr.eu-central-1.amazonaws.com/countersign@sha256:0000000000000000000000000000000000000000000000000000000000000000"
zones           = ["eu-central-1a", "eu-central-1b", "eu-central-1c"]
alarm_email     = "operations@example.com"

# The identity provider; docs/how-to/connect-entra.md names what belongs here.
settings        = {}
secret_settings = {}
