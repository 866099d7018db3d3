"""The command `modelcheck prove`: what holds for every size of a Scalarset."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from modelcheck.cli.exits import Exit
from modelcheck.cli.options import (
    PreemptAt,
    Properties,
    Quiet,
    Scopes,
    SpecTarget,
    Timeout,
    Width,
    columns,
    scope_table,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from modelcheck.model.program import Model
    from modelcheck.model.uniformity import Uniformity
    from modelcheck.verdict.parametric import ForAll


def prove(
    spec: SpecTarget,
    *,
    for_all: Annotated[
        str,
        typer.Option(
            "--for-all",
            metavar="NAME",
            help="The Scalarset that is to have any size.",
            show_default=False,
        ),
    ],
    scope: Scopes = [],
    timeout: Timeout = None,
    properties: Properties = [],
    preempt: PreemptAt = "await",
    certificates: Annotated[
        Path, typer.Option(metavar="DIR", help="Where proofs are written.")
    ] = Path("certificates"),
    width: Width = None,
    quiet: Quiet = False,
) -> int:
    """Prove properties of SPEC for every number of members of a Scalarset.

    Works for designs of actions that mention members one by one; others are refused,
    with the place that stands in the way. The sizes of other types stay what they are.
    The status is 0 if all properties asked for are proved, else 30.
    """
    from modelcheck import __version__
    from modelcheck.report.parametric import render_for_all
    from modelcheck.report.progress import Progress
    from modelcheck.verdict.parametric import prove_for_all
    from modelcheck.verdict.verdicts import Limits

    read = reader_of(spec, for_all, scope_table(scope), preempt)
    model = read(2)
    names = frozenset(properties) or None
    limits = Limits(seconds=timeout, properties=names, deadlock=False)
    with Progress(quiet=quiet) as watch:
        text = uniformity_of(spec, model, for_all)
        found = prove_for_all(read, for_all, text, limits, watch)
    base = None if found.proof is None else read(found.proof.base)
    tool = f"modelcheck {__version__}"
    sys.stdout.write(render_for_all(found, base, tool, columns(width)))
    if base is not None:
        path = certificates / f"{model.name}.every_{for_all}.json"
        _write(path, found, base, tool)
        sys.stdout.write(f"\nCheck: modelcheck certify {path}\n")
    is_whole = found.proof is not None and not found.refused
    return Exit.EXPECTED if is_whole else Exit.INCONCLUSIVE


def _write(path: Path, found: ForAll, base: Model, tool: str) -> None:
    from modelcheck.certify.parametric_file import to_json
    from modelcheck.report.artifacts import replace_file
    from modelcheck.report.parametric import clause_texts

    assert found.proof is not None
    path.parent.mkdir(parents=True, exist_ok=True)
    replace_file(path, to_json(found.proof, base, tool, clause_texts(found, base)))


def reader_of(
    spec: str, name: str, scopes: dict[str, int], preempt: str
) -> Callable[[int], Model]:
    """What reads the model of `spec` in which `name` has a given size, once each."""
    from modelcheck.certify.parametric import read_once
    from modelcheck.reader import read_spec

    return read_once(lambda size: read_spec(spec, {**scopes, name: size}, preempt))


def uniformity_of(spec: str, model: Model, name: str) -> Uniformity:
    """What the text of `spec` says about the members of `name`."""
    from modelcheck.model.families import is_indexed
    from modelcheck.reader.uniformity import Names, look_at

    variables = frozenset(variable.name for variable in model.variables)
    indexed = frozenset(v.name for v in model.variables if is_indexed(v.type_, name))
    names = Names(model.name, name, variables, indexed)
    return look_at(spec.partition("::")[0], names)
