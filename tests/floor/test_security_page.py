"""SECURITY.md says which test shows what. All of them are there."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "SECURITY.md").read_text()
NAMED = sorted(set(re.findall(r"`(tests/[\w/.]+(?:::\w+)*)`", PAGE)))
MODEL = PAGE.partition("## What is guarded")[2].partition("\n## ")[0]


@pytest.mark.parametrize("name", NAMED)
def test_a_named_test_is_there(name: str) -> None:
    path, *parts = name.split("::")
    assert (ROOT / path).exists(), path
    found: list[ast.stmt] = ast.parse((ROOT / path).read_text()).body if parts else []
    for part in parts:
        node = next((each for each in found if getattr(each, "name", "") == part), None)
        assert node, f"{path} has no {part}"
        found = getattr(node, "body", [])


def test_every_row_names_a_test() -> None:
    rows = [line for line in MODEL.splitlines() if line.startswith("| ") and not line.startswith("| who ")]
    assert len(rows) > 15
    assert [row for row in rows if "::" not in row] == []
