"""What the administrator of an AWS account has to know to let Paddock in."""

import json

from django.template.loader import render_to_string

from events.models.account import AwsRoleModel

PADDOCK = "PADDOCK_ACCOUNT_ID"


def explain_trust(row: AwsRoleModel) -> str:
    """The external id, and the trust policy that asks for it, ready to be copied."""
    policy = json.dumps(_write_policy(row.external_id), indent=2)
    context = {"external_id": row.external_id, "policy": policy, "paddock": PADDOCK}
    return render_to_string("admin/trust_policy.html", context)


def _write_policy(external_id: str) -> dict[str, object]:
    return {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": {"AWS": f"arn:aws:iam::{PADDOCK}:root"},
                "Action": "sts:AssumeRole",
                "Condition": {"StringEquals": {"sts:ExternalId": external_id}},
            }
        ],
    }
