"""An event's charts: hours a day, and money so far against the budget."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from django.utils.formats import date_format

from paddock.money import MICROS, show_dollars
from participants.admin.charts import SIZE, Scale, draw_columns, draw_curve, make_scale, write
from participants.admin.words import word_hours
from participants.domain.dashboard.spending import Day, Money

HOUR = 3600
MOST_DATES = 3  # that fit below a chart on a phone
EXPOSURE_WIDTH = 2.5


def show_charts(money: Money) -> list[dict[str, Any]]:
    """None before anything was used."""
    if not money.days:
        return []
    return [_show_hours(money), _show_money(money)]


def _show_hours(money: Money) -> dict[str, Any]:
    days = money.days
    hours = [day.training_seconds / HOUR for day in days]
    scale = make_scale(max(hours), lambda value: f"{value:g} h")
    busiest = max(days, key=lambda day: day.training_seconds)
    words = [f"{_word_day(day.day)}: {word_hours(day.training_seconds)}" for day in days]
    return {
        "id": "chart-hours",
        "title": "Hours of training a day",
        "subtitle": f"{word_hours(money.usage.training_seconds)} in all; days end at midnight UTC",
        "description": f"{_word_period(days)}. Most on {_word_day(busiest.day)}: "
        f"{word_hours(busiest.training_seconds)}.",
        "shapes": "admin/charts/columns.html",
        "columns": draw_columns(hours, words, scale),
        "scale": scale,
        "dates": _choose_dates(days),
        "table": _tabulate(
            ["Day", "Training"], [(_word_day(day.day), [word_hours(day.training_seconds)]) for day in reversed(days)]
        ),
    }


def _show_money(money: Money) -> dict[str, Any]:
    days, spent, exposure = money.days, money.days[-1].spent_so_far, money.usage.exposure
    budget = money.figures.amount if money.figures else 0
    scale = make_scale(max(spent + exposure, budget) / MICROS, lambda value: f"${value:,.10g}")
    return {
        "id": "chart-money",
        "title": "Spent so far",
        "subtitle": _word_money(money),
        "description": f"{_word_period(days)}. {_word_money(money)}.",
        "shapes": "admin/charts/spending.html",
        "legend": _make_legend(money),
        "curve": draw_curve([day.spent_so_far / MICROS for day in days], scale),
        "exposure": _draw_exposure(spent, exposure, scale) if exposure else None,
        "marks": _draw_marks(money, scale),
        "scale": scale,
        "dates": _choose_dates(days),
        "table": _tabulate(
            ["Day", "On the day", "So far"],
            [(_word_day(day.day), [show_dollars(day.spent), show_dollars(day.spent_so_far)]) for day in reversed(days)],
        ),
    }


def _make_legend(money: Money) -> list[dict[str, str]]:
    legend = [{"style": "spent", "word": "Spent"}]
    if money.usage.exposure:
        legend.append({"style": "exposed", "word": "At worst"})
    if money.figures:
        legend.append({"style": "budget", "word": "Budget"})
    if any(threshold.percent != SIZE for threshold in money.thresholds):
        legend.append({"style": "threshold", "word": "Thresholds"})
    return legend


def _draw_exposure(spent: int, exposure: int, scale: Scale) -> dict[str, str]:
    """On top of what is spent, at its end."""
    height = scale.measure(exposure / MICROS)
    return {
        "x": write(SIZE - EXPOSURE_WIDTH),
        "width": write(EXPOSURE_WIDTH),
        "y": write(SIZE - scale.measure(spent / MICROS) - height),
        "height": write(height),
        "title": f"Running and queued, at worst: {show_dollars(exposure)}",
    }


def _draw_marks(money: Money, scale: Scale) -> list[dict[str, Any]]:
    """The budget, and those of its thresholds that are in sight."""
    if money.figures is None:
        return []
    figures = money.figures
    marks = {SIZE: f"Budget: {show_dollars(figures.amount)}"}
    for threshold in money.thresholds:
        mark = show_dollars(figures.find_mark(threshold.percent))
        said = f"{threshold.percent} %, {mark}: {threshold.get_action_display()}"
        marks[threshold.percent] = f"{marks[threshold.percent]}; {said}" if threshold.percent in marks else said
    heights = {percent: scale.measure(figures.find_mark(percent) / MICROS) for percent in marks}
    return [
        {"y": write(SIZE - heights[percent]), "title": title, "is_budget": percent == SIZE}
        for percent, title in marks.items()
        if heights[percent] <= SIZE
    ]


def _word_money(money: Money) -> str:
    spent = show_dollars(money.usage.spent)
    return f"{spent} of {show_dollars(money.figures.amount)}" if money.figures else f"{spent}; no budget is set"


def _word_day(day: date) -> str:
    return date_format(day, "j M Y")


def _word_period(days: Sequence[Day]) -> str:
    first, last = _word_day(days[0].day), _word_day(days[-1].day)
    return first if first == last else f"From {first} to {last}"


def _choose_dates(days: Sequence[Day]) -> list[str]:
    """The first, the last and one between them, where there are as many."""
    chosen = days if len(days) <= MOST_DATES else [days[0], days[len(days) // 2], days[-1]]
    return [date_format(day.day, "j M") for day in chosen]


def _tabulate(header: list[str], rows: list[tuple[str, list[str]]]) -> dict[str, Any]:
    return {
        "header": header,
        "rows": [
            {
                "name": name,
                "cells": [{"label": label, "value": value} for label, value in zip(header[1:], cells, strict=True)],
            }
            for name, cells in rows
        ],
    }
