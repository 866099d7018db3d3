"""Properties are told apart by name, so no two of a spec have one."""

from __future__ import annotations

from pathlib import Path

import pytest

from modelcheck.explore.book import PropertyError
from modelcheck.model.program import Model
from modelcheck.reader.read import read_spec
from modelcheck.verdict.check import EngineName, verify_model
from modelcheck.verdict.verdicts import Limits, Silence, Verdict

HEAD = '''"""A spec."""

from typing import Annotated

from modelcheck import Spec, action, init, require


class S(Spec):
    x: Annotated[int, range(0, 1000)] = 0
    y: Annotated[int, range(0, 10)] = 0
'''

# One holds; the other is violated further away than a proof of the first.
TWO_ON_A_LINE = """
    @action
    def other(self) -> None:
        self.y = (self.y + 1) % 5

    @action
    def act(self) -> None:
        require(self.x < 30)
        self.x += 1
        assert self.x < 12; assert self.y < 8
"""

ONLY_AT_THE_START = """
    @init
    def start(self) -> None:
        assert self.x == 1

    @action
    def act(self) -> None:
        self.y = (self.y + 1) % 5
"""

ENGINES: list[EngineName] = ["explore", "native", "bmc", "induct", "pdr", "auto"]


def read(folder: Path, body: str) -> Model:
    path = folder / "spec.py"
    path.write_text(HEAD + body, encoding="utf-8")
    return read_spec(str(path))


@pytest.mark.parametrize("engine", ["explore", "induct", "pdr"])
@pytest.mark.parametrize("is_swapped", [False, True])
def test_two_assertions_on_one_line(
    tmp_path: Path, engine: EngineName, *, is_swapped: bool
) -> None:
    """What is proved of one was said of the other, with a certificate of the first."""
    one, two = "assert self.x < 12", "assert self.y < 8"
    body = TWO_ON_A_LINE
    if is_swapped:
        body = body.replace(f"{one}; {two}", f"{two}; {one}")
    limits = Limits(depth=20, deadlock=False)
    report = verify_model(read(tmp_path, body), engine, limits, Silence())
    found = {prop.prop.name: prop.verdict for prop in report.properties}
    names = ["assert_act_20", "assert_act_20_2"]
    good, bad = names if is_swapped else reversed(names)
    assert found[bad] is Verdict.VIOLATED
    assert found[good] in (Verdict.HOLDS, Verdict.BOUNDED)
    assert report.exit_code == 14


@pytest.mark.parametrize("engine", ENGINES)
def test_an_assertion_that_only_the_initialisation_makes(
    tmp_path: Path, engine: EngineName
) -> None:
    """There is no property for it, but an error there is an error all the same."""
    model = read(tmp_path, ONLY_AT_THE_START)
    with pytest.raises(PropertyError, match=r"self\.x == 1"):
        verify_model(model, engine, Limits(depth=3), Silence())
