"""Which account races in multi-user mode, and how it is reached."""

from dataclasses import dataclass

from integrations.aws import AwsAccess


@dataclass(frozen=True)
class MultiUserConfig:
    """`console_url` is where racers land after signing in; "" is the console of AWS."""

    access: AwsAccess
    account_id: str
    console_url: str = ""
