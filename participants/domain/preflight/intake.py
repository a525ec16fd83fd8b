"""The portal that the organization runs itself: whether its table can be read, and is."""

from functools import partial

from events.domain.connections import open_table
from events.models import Event, Intake
from integrations.intake.dynamodb.table import describe_table
from participants.domain.intake.standing import Doing, see_standing
from participants.domain.preflight.checks import Check, Finding, amber, green, red
from participants.models import IntakeItem

GROUP = "Intake"
TABLE = "intake-table"
PAGE = "on the event's page “Intake”"


def list_checks(event: Event) -> list[Check]:
    """An event whose people register here has nothing of the kind."""
    intake = Intake.objects.filter(event=event).select_related("event").first()
    if intake is None:
        return []
    return [
        Check(TABLE, GROUP, "Table and stream", partial(check_table, intake)),
        Check("intake-reading", GROUP, "Registrations are read", partial(check_reading, intake), needs=(TABLE,)),
        Check("intake-items", GROUP, "Everybody is understood", partial(check_items, intake)),
    ]


def check_table(intake: Intake) -> Finding:
    table = describe_table(open_table(intake))
    where = f"“{intake.table_name}” in {intake.region}"
    said = f"{where} can be read, with about {table.item_count:,} items, and so can its stream."
    if not intake.role_arn:
        return amber(f"{said} Paddock works with its own identity there. A role with an external id is safer.")
    return green(said)


def check_reading(intake: Intake) -> Finding:
    standing = see_standing(intake)
    match standing.doing:
        case Doing.PAUSED:
            return amber(f"It is paused: whoever registers in the portal is not here yet. Start it {PAGE}.")
        case Doing.OVER:
            return red("The event is over, so the table is not read any more.")
        case Doing.WAITING | Doing.SCANNING:
            return amber(f"The whole table is being read: {intake.scan_count:,} items so far.")
    if intake.read_error:
        return red(f"The last look failed: {intake.read_error}")
    if standing.is_behind:
        return red("The last look is too long ago. Ask whoever runs Paddock whether its workers and its beat run.")
    number = standing.counts[IntakeItem.State.REGISTERED]
    return green("1 person came by it." if number == 1 else f"{number:,} people came by it.")


def check_items(intake: Intake) -> Finding:
    counts = see_standing(intake).counts
    lost, waiting = counts[IntakeItem.State.UNMAPPED], counts[IntakeItem.State.WAITING]
    if lost:
        items = "1 item needs" if lost == 1 else f"{lost:,} items need"
        return amber(f"{items} a hand. Read why {PAGE}, mend the portal or the mapping, and try again.")
    if waiting:
        people = "1 person waits" if waiting == 1 else f"{waiting:,} people wait"
        return amber(f"{people} for a place or for registration to open. Paddock registers them when there is one.")
    return green("There is no item that Paddock could not register.")
