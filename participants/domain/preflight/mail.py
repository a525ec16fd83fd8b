"""Mail: whether it would leave, and to whom."""

from functools import partial

from events.domain.connections import identify_role, open_mail
from events.models import Event, MailConnection
from participants.domain.preflight.checks import Check, Finding, amber, green, red

GROUP = "Mail"
ROLE = "mail-role"


def list_checks(event: Event) -> list[Check]:
    connection = MailConnection.objects.filter(organization=event.organization_id).first()
    if connection is None or connection.kind == MailConnection.Kind.SMTP:
        return [Check("sender", GROUP, "Sender", partial(check_sender, event))]
    return [
        Check(ROLE, GROUP, "Paddock's role", partial(check_role, connection)),
        Check("sender", GROUP, "Sender", partial(check_sender, event), needs=(ROLE,)),
    ]


def check_role(connection: MailConnection) -> Finding:
    account_id = identify_role(connection)
    if not connection.role_arn:
        return amber(f"Paddock works with its own identity in {account_id}. A role with an external id is safer.")
    return green(f"Assumed with its external id, in the AWS account {account_id}.")


def check_sender(event: Event) -> Finding:
    health = open_mail(event).check_sender()
    connection = MailConnection.objects.get(organization=event.organization_id)
    if connection.kind == MailConnection.Kind.SMTP:
        return green(f"{connection.smtp_host}:{connection.smtp_port} answers and lets Paddock in.")
    if health.is_paused:
        return red("Amazon SES has paused sending for this account. Read why under SES → Reputation metrics.")
    if not health.is_verified:
        return red(
            f"{connection.sender} is not verified in {connection.region}, so no mail leaves. Verify the address or its "
            "domain under SES → Identities in that region, or correct the sender under Connections → Mail."
        )
    if not health.reaches_everybody:
        return amber(
            "Amazon SES is still in its sandbox: only verified addresses get mail. Ask for production access under "
            "SES → Account dashboard; AWS takes about a day."
        )
    return green(f"{connection.sender} is verified.")
