"""Tables for spreadsheets, written row by row, in which nothing that people typed becomes a formula."""

import csv
from collections.abc import Iterable, Sequence

from django.http import StreamingHttpResponse

# A spreadsheet takes a cell that begins with one of these for something to compute.
FORMULA_STARTS = (
    "=",
    "+",
    "-",
    "@",
    "\t",
    "\r",
    "\n",
    "\uff1d",
    "\uff0b",
    "\uff0d",
    "\uff20",
)  # the last four are wide ones
# Without it Excel reads UTF-8 as something else.
BYTE_ORDER_MARK = "\ufeff"


class _Echo:
    """Hands every line on instead of keeping it."""

    def write(self, line: str) -> str:
        return line


def write_csv(name: str, header: Sequence[str], rows: Iterable[Sequence[object]]) -> StreamingHttpResponse:
    """A file to download. Texts that would start a formula get an apostrophe before them; None is an empty cell.

    It is sent when the request's tenant scope has ended, so rows must not come from the database only then.
    """
    writer = csv.writer(_Echo())
    lines = (writer.writerow([_disarm(cell) for cell in row]) for row in rows)
    response = StreamingHttpResponse(
        _begin(writer.writerow([_disarm(cell) for cell in header]), lines), content_type="text/csv; charset=utf-8"
    )
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _begin(header: str, lines: Iterable[str]) -> Iterable[str]:
    yield BYTE_ORDER_MARK + header
    yield from lines


def _disarm(cell: object) -> object:
    """Numbers are what they are, negative ones too."""
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(FORMULA_STARTS) else cell
