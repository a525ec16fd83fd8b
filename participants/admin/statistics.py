"""What the sponsor asks afterwards: as a page, and as a table for spreadsheets."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.views.decorators.http import require_GET

from events.models import Event
from paddock.csv_files import write_csv
from paddock.money import MICROS, show_dollars
from paddock.tenancy.admin_base import TenantAdmin
from participants.admin.actions import find_object
from participants.admin.charts import draw_bar
from participants.admin.dashboard import say_when
from participants.admin.event_pages import STATISTICS, list_event_pages
from participants.admin.words import word_hours
from participants.domain.statistics.segments import Breakdown, Segment
from participants.domain.statistics.summary import EVERYBODY, Newcomers, Statistics, see_statistics

HEADER = [
    *("By", "Who", "Registered", "Got in", "Trained", "Share of answers, %", "Hours of training", "Cost, USD"),
    *("Cost of each who trained, USD", "Cost of each who registered, USD"),
]


class StatisticsPages(TenantAdmin):
    """Pages of an event's admin."""

    def get_urls(self) -> list[URLPattern]:
        views = {"": self.statistics_view, "csv/": self.statistics_csv_view}
        pages = [
            path(
                f"<path:object_id>/statistics/{where}",
                self.admin_site.admin_view(require_GET(view)),
                name=f"events_event_statistics{'_' + where.rstrip('/') if where else ''}",
            )
            for where, view in views.items()
        ]
        rest: list[URLPattern] = super().get_urls()
        return [*pages, *rest]

    def statistics_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        event: Event = find_object(self, request, object_id)
        statistics = see_statistics(event=event)
        context = {
            **self.admin_site.each_context(request),
            "title": "Statistics",
            "opts": self.opts,
            "event": event,
            "when": say_when(event),
            "pages": list_event_pages(request, event, STATISTICS),
            "csv_href": reverse("admin:events_event_statistics_csv", args=[event.pk]),
            "tiles": _show_tiles(statistics),
            "newcomers": [_show_newcomers(each) for each in statistics.newcomers],
            "breakdowns": [_show_breakdown(each) for each in statistics.breakdowns],
        }
        return TemplateResponse(request, "admin/statistics/page.html", context)

    def statistics_csv_view(self, request: HttpRequest, object_id: str) -> StreamingHttpResponse:
        event: Event = find_object(self, request, object_id)
        return write_csv(f"{event.slug}-statistics.csv", HEADER, list(list_rows(see_statistics(event=event))))


def _show_tiles(statistics: Statistics) -> list[dict[str, Any]]:
    everybody = statistics.everybody
    return [
        {"title": "Registered", "value": f"{everybody.registered:,}", "note": "Those who were removed since included"},
        {
            "title": "Got in",
            "value": f"{everybody.got_in:,}",
            "note": word_share(everybody.got_in, everybody.registered),
        },
        {
            "title": "Trained",
            "value": f"{everybody.trained:,}",
            "note": word_share(everybody.trained, everybody.registered),
        },
        {
            "title": "Training",
            "value": word_hours(everybody.training_seconds),
            "note": f"{word_hours(everybody.seconds_per_trained)} each" if everybody.seconds_per_trained else "",
        },
        {"title": "Cost", "value": show_dollars(everybody.spent), "note": "Training and storage"},
        {
            "title": "Cost of each who trained",
            "value": show_dollars(everybody.cost_per_trained),
            "note": f"{show_dollars(everybody.cost_per_registered)} of each who registered",
        },
    ]


def word_share(number: int, whole: int) -> str:
    return f"{100 * number / whole:.0f} % of {whole:,}" if whole else ""


def _show_newcomers(newcomers: Newcomers) -> dict[str, Any]:
    silent = newcomers.registered - newcomers.answered
    return {
        "title": newcomers.title,
        "number": f"{newcomers.number:,} of {newcomers.answered:,}",
        "share": f"{100 * newcomers.number / newcomers.answered:.0f} %" if newcomers.answered else "-",
        "note": f"who answered; {silent:,} did not" if silent else "who answered: everybody did",
        "parts": draw_bar([(newcomers.number, "people", "")], whole=newcomers.answered),
    }


def _show_breakdown(breakdown: Breakdown) -> dict[str, Any]:
    most = max((each.registered for each in breakdown.segments), default=0)
    return {
        "title": breakdown.title,
        "note": "" if breakdown.is_exclusive else "One person may have chosen several, so these do not add up.",
        "segments": [_show_segment(each, most) for each in breakdown.segments],
    }


def _show_segment(segment: Segment, most: int) -> dict[str, Any]:
    """The bar: those who trained, those who got in without training, and the others."""
    idle, outside = segment.got_in - segment.trained, segment.registered - segment.got_in
    parts = [(segment.trained, "trained", ""), (idle, "in", ""), (outside, "registered", "")]
    return {
        "name": segment.name,
        "parts": draw_bar(parts, whole=most),
        "registered": f"{segment.registered:,}",
        "got_in": f"{segment.got_in:,}",
        "trained": f"{segment.trained:,}",
        "hours": word_hours(segment.training_seconds),
        "cost": show_dollars(segment.spent),
        "cost_per_trained": show_dollars(segment.cost_per_trained),
        "cost_per_registered": show_dollars(segment.cost_per_registered),
    }


def list_rows(statistics: Statistics) -> Iterator[list[object]]:
    yield _to_row(EVERYBODY, statistics.everybody, None)
    for breakdown in statistics.breakdowns:
        for segment in breakdown.segments:
            answered = breakdown.answered if segment.name != breakdown.silence else None
            yield _to_row(breakdown.title, segment, answered)


def _to_row(by: str, segment: Segment, answered: int | None) -> list[object]:
    return [
        by,
        segment.name,
        segment.registered,
        segment.got_in,
        segment.trained,
        round(Decimal(100 * segment.registered) / answered, 1) if answered else None,
        round(Decimal(segment.training_seconds) / 3600, 2),
        _to_dollars(segment.spent),
        _to_dollars(segment.cost_per_trained),
        _to_dollars(segment.cost_per_registered),
    ]


def _to_dollars(micros: int | None) -> Decimal | None:
    return None if micros is None else round(Decimal(micros) / MICROS, 2)
