"""Traces on the terminal: a replayed one, and every state of one in full."""

from __future__ import annotations

from modelcheck import __version__
from modelcheck.model.program import Kind, Property
from modelcheck.model.terms import TRUE
from modelcheck.trace.caption import Caption, length_text
from modelcheck.trace.components import components
from modelcheck.trace.lasso import LOOP
from modelcheck.trace.mail import render_mail
from modelcheck.trace.path import Trace
from modelcheck.trace.text import render_text
from modelcheck.trace.wrap import ascii_only, fold
from modelcheck.verdict.answering import Answered, answers
from modelcheck.verdict.verdicts import Verdict

# The part of a path whose end answers nothing yet: there is no step to blame.
_PATH = Property("path", Kind.REACHABLE, (), TRUE)


class UndecidedError(Exception):
    """The end of a trace says nothing about the property asked for."""


def replay_text(
    trace: Trace, options: tuple[str, ...], width: int, asked: str | None = None
) -> str:
    """The table of steps, with a heading that says what the end means.

    That is what it means for the property `asked`, or for the first one that it
    decides. Raises `UndecidedError` if it does not decide `asked`.
    """
    found, others = _decided(trace, asked)
    prop = found[0] if found else _PATH
    verdict = "no property decided"
    if found:
        verdict = f"{prop.name} {found[1].value.upper()}"
    head = f"{trace.model.path}: {verdict} in {length_text(trace)}"
    lines = [*fold(ascii_only(head), width), *_also(others, width), ""]
    body = render_text(trace, prop, width=width).rstrip()
    if not found:
        body = body.removesuffix("Reached:").rstrip()
    words = Caption(prop, "", options=options, is_ambiguous=asked is not None)
    replay = " ".join(words.replay(trace))
    return "\n".join([*lines, body, "", *fold(f"Replay: {replay}", width)]) + "\n"


def _decided(
    trace: Trace, asked: str | None
) -> tuple[Answered | None, tuple[Answered, ...]]:
    """What the end decides first, and what else; only `asked` if that is a name."""
    found = answers(trace)
    if asked is None:
        return (found[0], found[1:]) if found else (None, ())
    for each in found:
        if each[0].name == asked:
            return each, ()
    message = f"the end of this path does not decide {asked}"
    raise UndecidedError(message)


def _also(others: tuple[Answered, ...], width: int) -> list[str]:
    """That the end violates more than the property that is explained."""
    names = [prop.name for prop, verdict in others if verdict is Verdict.VIOLATED]
    if not names:
        return []
    text = f"also VIOLATED at its end: {', '.join(names)} (--property explains it)"
    return fold(ascii_only(text), width)


def full_states(trace: Trace, width: int) -> str:
    """Every variable in every state, where a table shows what changed."""
    parts = components(trace.model)
    lines: list[str] = []
    for number, state in enumerate(trace.states):
        if number == trace.loop:
            lines += ["", LOOP]
        actor = trace.steps[number - 1].step.actor if number else "initially"
        lines += ["", *fold(ascii_only(f"State {number}: {actor}"), width)]
        for part in parts:
            text = ascii_only(f"{part.name} = {part.text(state)}")
            lines += [f"  {line}" for line in fold(text, width - 2)]
    return "\n".join(lines) + "\n"


def replay_mail(
    trace: Trace,
    options: tuple[str, ...],
    asked: str | None = None,
    *,
    number: bool,
    full: bool,
) -> str:
    """The diagram for a mail; `asked` is as for `replay_text`."""
    found, _ = _decided(trace, asked)
    prop, verdict = (found[0], found[1].value.upper()) if found else (_PATH, "REPLAYED")
    caption = Caption(
        prop,
        verdict,
        tool=f"modelcheck {__version__}",
        # Nothing was searched: nothing is known about shorter paths.
        is_shortest=False,
        options=options,
        is_ambiguous=asked is not None,
    )
    return render_mail(trace, caption, number=number, full=full)
