"""Charts as shapes in a box of 100 by 100, which the page stretches to the room there is.

Words stand beside the shapes as text of the page, so that they keep their size on a phone. Numbers become strings here,
because templates would write them as the reader's language does.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

SIZE = 100
MOST_STEPS = 4
GAP = 0.24  # of a column's room


@dataclass(frozen=True)
class Scale:
    """From 0 up to `top`, in steps that people like to read; the labels stand from the top down."""

    top: float
    labels: list[str]

    def measure(self, value: float) -> float:
        return SIZE * value / self.top

    @property
    def lines(self) -> list[str]:
        """The heights at which the labels stand."""
        steps = len(self.labels) - 1
        return [write(SIZE * number / steps) for number in range(len(self.labels))]


def make_scale(highest: float, word: Callable[[float], str]) -> Scale:
    step = find_step(highest / MOST_STEPS) if highest > 0 else 1
    steps = max(math.ceil(highest / step - 1e-9), 1)
    return Scale(step * steps, [word(step * number) for number in range(steps, -1, -1)])


def find_step(least: float) -> float:
    """The next number above that begins with 1, 2 or 5."""
    power = 10.0 ** math.floor(math.log10(least))
    return float(next(each * power for each in (1, 2, 5, 10) if each * power >= least * (1 - 1e-9)))


def write(number: float) -> str:
    return f"{number:.2f}"


@dataclass(frozen=True)
class Column:
    x: str
    y: str
    width: str
    height: str
    title: str


def draw_columns(values: Sequence[float], titles: Sequence[str], scale: Scale) -> list[Column]:
    room = SIZE / len(values) if values else SIZE
    return [
        Column(
            x=write(room * (number + GAP / 2)),
            y=write(SIZE - scale.measure(value)),
            width=write(room * (1 - GAP)),
            height=write(scale.measure(value)),
            title=title,
        )
        for number, (value, title) in enumerate(zip(values, titles, strict=True))
    ]


@dataclass(frozen=True)
class Curve:
    """What has come together so far: the line, the area under it, and where it ends."""

    line: str
    area: str
    end: str  # the height at which it ends


def draw_curve(values: Sequence[float], scale: Scale) -> Curve:
    """It starts from nothing at the left edge, and each value stands at the end of its day."""
    room = SIZE / len(values)
    points = [(0.0, 0.0), *((room * (number + 1), scale.measure(value)) for number, value in enumerate(values))]
    line = " ".join(f"{write(x)},{write(SIZE - y)}" for x, y in points)
    return Curve(line=line, area=f"{line} {SIZE},{SIZE}", end=write(SIZE - points[-1][1]))


@dataclass(frozen=True)
class Part:
    """A piece of a horizontal bar."""

    x: str
    width: str
    style: str  # names its colour in the style sheet
    title: str


def draw_bar(parts: Sequence[tuple[float, str, str]], *, whole: float) -> list[Part]:
    """One piece after the other: value, style, title. What is more than the whole is cut off."""
    drawn, start = [], 0.0
    for value, style, title in parts:
        width = min(SIZE * value / whole if whole else 0.0, SIZE - start)
        if width > 0:
            drawn.append(Part(write(start), write(width), style, title))
        start += width
    return drawn
