"""The command `modelcheck`: its subcommands and how it starts and ends.

Nothing but typer is imported before a command runs: `modelcheck --help` and the
completion of a shell must not wait for z3.
"""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from modelcheck import __version__
from modelcheck.cli import (
    certification,
    comparison,
    difference,
    inspection,
    parametric,
    refinement,
    scopes,
    simulation,
    verification,
)
from modelcheck.cli.failures import crash, guarded, tell
from modelcheck.cli.output import outlive_pipes

app = typer.Typer(
    name="modelcheck",
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _show_version(is_asked: bool) -> None:
    if is_asked:
        print(f"modelcheck {__version__}")
        raise typer.Exit


_HELP = """Check kernel designs, written as typed Python, for every schedule.

\b
Exit status:
  0   every verdict is the expected one
  11  deadlock   12  property violated   13  temporal property violated
  14  assertion failed
  20  error in the spec   21  evaluation error
  30  no conclusion: limit, timeout, interrupt
  2   wrong usage   1  a fault of modelcheck
"""


@app.callback(
    help=_HELP,
    epilog="Example: modelcheck verify specs/replace_domain.py --format mail",
)
def _modelcheck(
    *,
    version: Annotated[
        bool,
        typer.Option(
            "--version",
            callback=_show_version,
            is_eager=True,
            help="Show the version and exit.",
        ),
    ] = False,
) -> None:
    """The options before a command."""


_COMMANDS = (
    (verification.verify, "modelcheck verify specs/replace_domain.py --timeout 10m"),
    (simulation.simulate, "modelcheck simulate specs/replace_domain.py --runs 100000"),
    (comparison.compare, "modelcheck compare specs/*.py --format markdown"),
    (
        difference.diff,
        "modelcheck diff specs/mainline_6_0.py specs/mainline_6_5.py",
    ),
    (refinement.refine, "modelcheck refine design.py abstract.py --map mapping.py"),
    (scopes.scopes, "modelcheck scopes specs/ownership.py --vary File=1..4"),
    (parametric.prove, "modelcheck prove specs/ownership.py --for-all File"),
    (certification.certify, "modelcheck certify certificates/replace_domain.json"),
    (inspection.check, "modelcheck check specs/replace_domain.py"),
    (inspection.show, "modelcheck show specs/replace_domain.py --scope Device=3"),
    (inspection.run, "modelcheck run specs/replace_domain.py --steps 50 --seed 1"),
    (inspection.replay, "modelcheck replay specs/replace_domain.py 0/3/1/2"),
    (inspection.graph, "modelcheck graph specs/replace_domain.py --out states.dot"),
)
for _command, _example in _COMMANDS:
    app.command(epilog=f"Example: {_example}")(guarded(_command))


def main() -> None:
    """Run the command line; ends by `SystemExit`."""
    outlive_pipes()
    try:
        try:
            app(prog_name="modelcheck")
        finally:
            # Now, while a full disk can still be told from a fault of ours.
            sys.stdout.flush()
    except Exception as error:  # noqa: BLE001 - what is left is our fault
        told = tell(error)
        sys.exit(crash(error) if told is None else told)
