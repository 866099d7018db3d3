"""The command `modelcheck refine`: whether a design does only what a spec allows."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from modelcheck.cli.exits import Exit
from modelcheck.cli.failures import tell_evaluation
from modelcheck.cli.options import (
    PreemptAt,
    Scopes,
    Width,
    columns,
    scope_table,
    seconds,
    selecting,
)

if TYPE_CHECKING:
    from modelcheck.model.program import Model
    from modelcheck.reader import SpecError
    from modelcheck.verdict.refinement import UnknownVariableError, UnmappedError

RefineFormat = Literal["text", "mail", "json"]


def refine(
    impl: Annotated[
        str,
        typer.Argument(
            metavar="IMPL",
            help="The design: a file, or FILE::NAME.",
            show_default=False,
        ),
    ],
    spec: Annotated[
        str,
        typer.Argument(
            metavar="SPEC",
            help="What it shall refine: a file, or FILE::NAME.",
            show_default=False,
        ),
    ],
    *,
    seen_as: Annotated[
        str | None,
        typer.Option(
            "--map",
            metavar="FILE",
            help="Take the @mapping methods from the class in FILE, or FILE::NAME.",
            show_default=False,
        ),
    ] = None,
    written: Annotated[
        RefineFormat, typer.Option("--format", help="How to write the answer.")
    ] = "text",
    scope: Scopes = [],
    preempt: PreemptAt = "await",
    timeout: Annotated[
        float | None,
        typer.Option(
            parser=seconds,
            metavar="TIME",
            help="Stop the search after, for example, 30s, 10m or 2h.",
            show_default=False,
        ),
    ] = None,
    width: Width = None,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="No progress.")] = False,
) -> int:
    """Check that every step of IMPL is a step of SPEC, or changes nothing there.

    A state of IMPL is seen by the values that its @mapping methods give the variables
    of SPEC; a variable without one is the variable of IMPL with its name. A step that
    SPEC does not have is shown in the words of both. The status is 12 if there is one.
    """
    from modelcheck import __version__
    from modelcheck.explore.interpreter import EvaluationError
    from modelcheck.reader import read_spec
    from modelcheck.report.progress import Progress
    from modelcheck.report.refinement import (
        Words,
        render_refinement,
        render_refinement_json,
    )
    from modelcheck.trace.mail import WIDTH
    from modelcheck.verdict.deadline import Deadline
    from modelcheck.verdict.refinement import (
        UnknownVariableError,
        UnmappedError,
        check_refinement,
    )
    from modelcheck.verdict.verdicts import Limits, Verdict

    scopes = scope_table(scope)
    deadline = Deadline(timeout)
    with deadline.enforced():
        model = read_spec(impl, scopes, preempt, seen_as=seen_as)
        abstract = read_spec(spec, scopes, preempt)
    options = selecting(scopes, preempt)
    with Progress(quiet=quiet, hasten=deadline.hasten) as watch:
        try:
            with deadline.enforced(deadline.patience):
                rest = deadline.limited(Limits())
                found = check_refinement(model, abstract, rest, watch)
        except UnmappedError as error:
            raise _unmapped(error, model, abstract) from None
        except UnknownVariableError as error:
            raise _unknown(error, abstract) from None
        except EvaluationError as error:
            watch.close()
            is_ours = any(error.prop is each for each in model.constraints)
            blamed = model if is_ours or not error.prop.span.path else abstract
            return tell_evaluation(blamed, error, options)
    if written == "json":
        text = render_refinement_json(found)
    else:
        room = WIDTH if written == "mail" else columns(width)
        words = Words(f"modelcheck {__version__}", options)
        text = render_refinement(found, words, width=room)
    sys.stdout.write(text)
    return {
        Verdict.HOLDS: Exit.EXPECTED,
        Verdict.VIOLATED: Exit.SAFETY,
    }.get(found.verdict, Exit.INCONCLUSIVE)


def _unmapped(error: UnmappedError, model: Model, spec: Model) -> SpecError:
    from modelcheck.model.types import spell
    from modelcheck.reader import Code, SpecError

    name, type_ = error.wanted.name, spell(error.wanted.type_)
    if error.given is not None:
        return SpecError(
            Code.SIGNATURE,
            f"the mapping of {name} gives a {spell(error.given.type_)}",
            error.given.span,
            f"{spec.name} declares {name}: {type_}",
        )
    return SpecError(
        Code.SIGNATURE,
        f"nothing in {model.name} says what {name} of {spec.name} is",
        error.wanted.span,
        f'write @mapping("{name}"), or give --map a file that does; it is a {type_}',
    )


def _unknown(error: UnknownVariableError, spec: Model) -> SpecError:
    from difflib import get_close_matches

    from modelcheck.model.program import Role
    from modelcheck.reader import Code, SpecError

    name = error.given.name
    known = [v.name for v in spec.variables if v.role is Role.STATE]
    alike = get_close_matches(name, known, 1)
    way_out = f"did you mean {alike[0]}?" if alike else f"it has {', '.join(known)}"
    return SpecError(
        Code.SIGNATURE,
        f"{spec.name} has no variable {name}",
        error.given.span,
        way_out,
    )
