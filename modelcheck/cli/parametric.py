"""The command `modelcheck prove`: what holds for every size of a Scalarset."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

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
    from modelcheck.model.program import Model
    from modelcheck.verdict.parametric import ForAll


ProofFormat = Literal["text", "json"]


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
    report_format: Annotated[
        ProofFormat, typer.Option("--format", help="How to write the report.")
    ] = "text",
    width: Width = None,
    quiet: Quiet = False,
) -> int:
    """Prove properties of SPEC for every number of members of a Scalarset.

    Works where members are mentioned one by one. Variables of which this is not so are
    left out, with all that depends on them; what is about them is refused, with the
    place that stands in the way. The sizes of other types stay what they are. What is
    proved goes for the runs that no failed check ends.
    The status is 0 if all properties asked for are proved, else 30.
    """
    from modelcheck import __version__
    from modelcheck.reader.largest import Parts
    from modelcheck.report.parametric import render_for_all, render_json
    from modelcheck.report.progress import Progress
    from modelcheck.verdict.deadline import GRACE, Deadline
    from modelcheck.verdict.parametric import prove_for_all
    from modelcheck.verdict.verdicts import Limits

    deadline = Deadline(timeout)
    with deadline.enforced():
        parts = Parts(spec, for_all, scope_table(scope), preempt)
    names = frozenset(properties) or None
    limits = Limits(properties=names, deadlock=False)
    with (
        Progress(quiet=quiet, hasten=deadline.hasten) as watch,
        deadline.enforced(GRACE),
    ):
        found = prove_for_all(parts, deadline.limited(limits), watch)
    proof = found.proof
    base = None if proof is None else found.part.read(proof.base)
    tool = f"modelcheck {__version__}"
    path = None
    if base is not None:
        path = certificates / f"{found.model.name}.every_{for_all}.json"
        _write(path, found, base, tool)
    if report_format == "json":
        sys.stdout.write(render_json(found, base, path))
    else:
        sys.stdout.write(render_for_all(found, base, tool, columns(width)))
        if path is not None:
            sys.stdout.write(f"\nCheck: modelcheck certify {path}\n")
    is_whole = proof is not None and not found.refused
    return Exit.EXPECTED if is_whole else Exit.INCONCLUSIVE


def _write(path: Path, found: ForAll, base: Model, tool: str) -> None:
    from modelcheck.certify.parametric_file import to_json
    from modelcheck.report.artifacts import replace_file
    from modelcheck.report.parametric import clause_texts

    assert found.proof is not None
    texts = clause_texts(found, base)
    path.parent.mkdir(parents=True, exist_ok=True)
    replace_file(
        path,
        to_json(found.proof, base, tool, texts, is_part=found.objection is not None),
    )
