"""Flatten: scopes and breaks without suspensions become conditions.

A break sets a flag, and what follows runs only while no flag is set; where one branch
of a condition always breaks, what follows simply moves into the other branch.
"""

from __future__ import annotations

from modelcheck.model import terms as t
from modelcheck.model.statements import Body, Break, If, Let, Scope, Statement
from modelcheck.model.terms import Op, Term


def flatten(body: Body) -> Body:
    """`body`, which has no suspension, without scopes and breaks."""
    return tuple(_flatten(body)[0])


def _flag(label: int) -> Term:
    # Labels and temporaries share one series of numbers, so this one is free.
    return t.leaf(Op.TEMP, label, t.Sort.BOOL, 0, 1)


_Flat = tuple[list[Statement], bool, frozenset[int]]


def _flatten(body: Body) -> _Flat:
    """New statements, whether control passes their end, and the labels broken to."""
    out: list[Statement] = []
    for index, statement in enumerate(body):
        match statement:
            case Break(label):
                out.append(Let(_flag(label), t.TRUE))
                return out, False, frozenset({label})
            case If():
                done = _flatten_if(statement, body[index + 1 :], out)
                if done is not None:
                    return done
            case Scope(label, inner):
                new, passes, broken = _flatten(inner)
                out.append(Let(_flag(label), t.FALSE))
                out.extend(new)
                passes = passes or label in broken
                broken -= {label}
                if not passes:
                    return out, False, broken
                if broken:
                    rest, rest_passes, rest_broken = _flatten(body[index + 1 :])
                    out.extend(_unless(broken, rest))
                    return out, rest_passes, broken | rest_broken
            case _:
                out.append(statement)
    return out, True, frozenset()


def _flatten_if(statement: If, rest: Body, out: list[Statement]) -> _Flat | None:
    """Append the flattened `If` to `out`; the whole result if it took `rest` in."""
    one, one_passes, one_broken = _flatten(statement.then)
    two, two_passes, two_broken = _flatten(statement.orelse)
    broken = one_broken | two_broken
    if not broken:
        out.append(If(statement.cond, tuple(one), tuple(two)))
        return None
    if not one_passes and not two_passes:
        out.append(If(statement.cond, tuple(one), tuple(two)))
        return out, False, broken
    behind, passes, rest_broken = _flatten(rest)
    if one_passes and not two_passes:
        one.extend(_unless(one_broken, behind))
    elif two_passes and not one_passes:
        two.extend(_unless(two_broken, behind))
    out.append(If(statement.cond, tuple(one), tuple(two)))
    if one_passes and two_passes:
        out.extend(_unless(broken, behind))
    return out, passes, broken | rest_broken


def _unless(labels: frozenset[int], body: list[Statement]) -> list[Statement]:
    if not labels or not body:
        return body
    cond = t.and_(*(t.not_(_flag(label)) for label in sorted(labels)))
    return [If(cond, tuple(body))]
