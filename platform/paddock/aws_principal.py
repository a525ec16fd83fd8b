"""Who Paddock is to AWS: what the trust policy of every role that it assumes names."""

import re

from django.core.exceptions import ImproperlyConfigured

_ACCOUNT_ID = re.compile(r"\d{12}")
_ARN = re.compile(r"arn:aws[a-z-]*:iam::\d{12}:(root|(role|user)/[\w+=,.@/-]+)")


def read_principal(text: str) -> str:
    """The ARN that `text` stands for; an account's id means everybody in it whom its policies allow. Empty: unknown.

    Raises ImproperlyConfigured for what no trust policy could name, such as the ARN of a session.
    """
    stated = text.strip()
    if _ACCOUNT_ID.fullmatch(stated):
        return f"arn:aws:iam::{stated}:root"
    if stated and not _ARN.fullmatch(stated):
        raise ImproperlyConfigured(
            f"PADDOCK_AWS_PRINCIPAL is {stated!r}. Give the twelve digits of the AWS account that Paddock runs in, or "
            "the ARN of the IAM role that it runs as, such as arn:aws:iam::111122223333:role/Paddock."
        )
    return stated
