"""Every code of a refusal is shown by a golden case."""

from __future__ import annotations

from pathlib import Path

import pytest

from modelcheck.reader.errors import Code

CASES = Path(__file__).parents[1] / "errors"


@pytest.mark.parametrize("code", Code, ids=lambda code: f"{code.value}-{code.name}")
def test_code_has_a_case(code: Code) -> None:
    shown = [
        case.name
        for case in CASES.rglob("*.txt")
        if f"error[{code.value}]" in case.read_text(encoding="utf-8")
    ]
    assert shown, f"no file under tests/errors shows {code.value}"
