"""What the administrator of an AWS account has to know to let Paddock in."""

import json

from django.conf import settings
from django.template.loader import render_to_string

from events.admin.role_stacks import FILL_IN, describe_stack
from events.models.account import AwsRoleModel


def explain_trust(row: AwsRoleModel) -> str:
    """How to make the role: by a template with its parameters, or by hand with its trust policy; ready to be copied."""
    stack = describe_stack(row)
    context = {
        "principal": settings.PADDOCK_AWS_PRINCIPAL,
        "external_id": row.external_id,
        "stack": stack,
        "must_fill_in": FILL_IN in stack.parameters.values(),
        "policy": json.dumps(_write_policy(row.external_id), indent=2),
    }
    return render_to_string("admin/trust_policy.html", context)


def _write_policy(external_id: str) -> dict[str, object]:
    return {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": {"AWS": settings.PADDOCK_AWS_PRINCIPAL},
                "Action": "sts:AssumeRole",
                "Condition": {"StringEquals": {"sts:ExternalId": external_id}},
            }
        ],
    }
