"""Groups of options, as typer and a caller see them."""

from __future__ import annotations

from dataclasses import dataclass, field
from inspect import signature
from typing import Annotated

import pytest
import typer
from typer.testing import CliRunner

from modelcheck.cli.groups import Questions, Rendering, Selection, grouped
from modelcheck.cli.simulation import simulate
from modelcheck.cli.verification import verify


@dataclass(frozen=True, kw_only=True)
class Colours:
    """Two options."""

    names: Annotated[list[str], typer.Option("--name")] = field(default_factory=list)
    is_loud: Annotated[bool, typer.Option("--loud")] = False


seen: list[tuple[str, Colours, int]] = []


@grouped
def paint(
    wall: str,
    *,
    colours: Colours,
    coats: Annotated[int, typer.Option(min=1)] = 2,
) -> int:
    """Paint a wall."""
    seen.append((wall, colours, coats))
    return 0


@pytest.fixture(autouse=True)
def _fresh() -> None:
    seen.clear()


def test_a_command_line() -> None:
    app = typer.Typer()
    app.command()(paint)
    runner = CliRunner()
    assert runner.invoke(app, ["x", "--name", "a", "--name", "b"]).exit_code == 0
    assert runner.invoke(app, ["y", "--loud", "--coats", "3"]).exit_code == 0
    assert runner.invoke(app, ["y", "--coats", "0"]).exit_code == 2
    assert seen == [
        ("x", Colours(names=["a", "b"]), 2),
        ("y", Colours(is_loud=True), 3),
    ]


def test_a_call() -> None:
    paint("x", names=["a"], coats=1)
    paint("y")
    assert seen == [("x", Colours(names=["a"]), 1), ("y", Colours(), 2)]
    assert seen[1][1].names is not Colours().names
    with pytest.raises(TypeError, match="unexpected keyword argument 'colour'"):
        paint("z", colour=1)


def test_the_options_stand_where_their_group_does() -> None:
    assert list(signature(paint).parameters) == ["wall", "names", "is_loud", "coats"]
    assert paint.__doc__ == "Paint a wall."


def test_commands_share_their_options() -> None:
    for group in Selection, Questions, Rendering:
        names = set(signature(group).parameters)
        assert names <= set(signature(verify).parameters)
        assert names <= set(signature(simulate).parameters)
