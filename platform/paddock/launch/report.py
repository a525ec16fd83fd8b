"""What a start ends with: run.json for scripts, and a page of text for people."""

import os
from typing import Any

from paddock.launch.choices import Ports
from paddock.launch.progress import paint
from paddock.launch.state import State, read_json, write_json


def write_report(state: State, ports: Ports, environment: dict[str, str]) -> dict[str, Any]:
    """Write run.json and return its content. It exists exactly while Paddock serves."""
    site = environment["SITE_URL"].rstrip("/")
    demonstration = read_json(state.demonstration)
    report = {
        "portal": f"{site}/",
        "admin": f"{site}/admin/",
        "api": f"{site}/api/v1/",
        "sandbox": ports.sandbox_url,
        "pid": os.getpid(),
        "events": [
            event | {"portal": f"{site}/e/{event['organization']}/{event['event']}/"}
            for event in demonstration["events"]
        ],
        "accounts": demonstration["accounts"],
        "keys": demonstration["keys"],
    }
    write_json(state.run, report)
    return report


def print_report(state: State, report: dict[str, Any], *, seconds: float) -> None:
    """Print what to open, in the order of a first walk, and who to be."""
    print(f"\n  {paint('Paddock is ready', '1;32')} after {seconds:.0f} s.\n")
    _print_title("Open")
    _print_rows(_list_places(report), painted=1)
    print()
    _print_title(f"Sign in at {report['admin']}login/")
    _print_rows([_describe_account(account) for account in report["accounts"]], painted=3)
    print(f"\n  Data and logs are in {state.folder}. {paint('Ctrl-C', '1')} stops everything.\n", flush=True)


def _list_places(report: dict[str, Any]) -> list[list[str]]:
    events = [["Register" if number == 0 else "", event["portal"]] for number, event in enumerate(report["events"])]
    return [
        *[[*row, "the portal of an event"] for row in events],
        ["Mails", f"{report['sandbox']}/mailbox", "everything that Paddock sends"],
        ["Organize", report["admin"], "the organizers' desk"],
        ["Cloud", f"{report['sandbox']}/", "the sandbox that stands in for Microsoft and AWS"],
        ["API", f"{report['api']}docs/", "the API for programs; run.json holds keys to try it"],
    ]


def _describe_account(account: dict[str, str]) -> list[str]:
    return [account["role"], account["organization"] or "all organizations", account["email"], account["password"]]


def _print_title(title: str) -> None:
    print(f"  {paint(title, '1')}")


def _print_rows(rows: list[list[str]], *, painted: int) -> None:
    """Print rows in aligned columns, the column `painted` in colour."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        cells = [cell.ljust(width) for cell, width in zip(row, widths, strict=True)]
        cells[painted] = paint(cells[painted], "36")
        print(f"    {'  '.join(cells)}".rstrip())
