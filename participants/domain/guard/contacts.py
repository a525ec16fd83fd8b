"""Who is told of a budget."""

from events.models import Budget
from paddock.tenancy.models import Membership
from participants.domain.guard.subjects import subject_of


def find_contacts(*, budget: Budget) -> list[str]:
    """The contacts of the event or of the account; without any, the organization's owners. Each address once."""
    named = subject_of(budget).contacts
    return list({address.lower(): address for address in named or find_owners(budget.organization_id)}.values())


def find_owners(organization_id: int | None) -> list[str]:
    owners = Membership.objects.filter(organization=organization_id, role=Membership.Role.OWNER, user__is_active=True)
    return list(owners.order_by("user__email").values_list("user__email", flat=True))
