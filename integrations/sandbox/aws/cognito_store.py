"""What the sandbox remembers of Cognito: user pools, identity pools, and the temporary keys that they gave out."""

from dataclasses import dataclass, field

from integrations.sandbox.aws.cognito_pools import UserPool


@dataclass(frozen=True)
class IdentityPool:
    """`role_arns` are the role mapping: the first group of these that the token has decides."""

    pool_id: str
    user_pool_id: str
    role_arns: dict[str, str]  # group → role


@dataclass(frozen=True)
class IdentitySession:
    """Who stands behind temporary keys. They live on for their hour, whatever happens to the user meanwhile."""

    user_pool_id: str
    sub: str
    group: str
    role_arn: str
    secret_key: str
    session_token: str
    expires_at: float


@dataclass
class Cognito:
    user_pools: dict[str, UserPool] = field(default_factory=dict)
    identity_pools: dict[str, IdentityPool] = field(default_factory=dict)
    sessions: dict[str, IdentitySession] = field(default_factory=dict)  # by access key id
