"""Which Identity Center instance, and how it is reached."""

from dataclasses import dataclass

from integrations.aws import AwsAccess


@dataclass(frozen=True)
class IdentityCenterConfig:
    access: AwsAccess
    instance_arn: str
    identity_store_id: str
