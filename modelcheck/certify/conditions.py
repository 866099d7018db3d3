"""What a spec has to be like, for what holds at few sizes to hold at all.

docs/adr/0035 has the argument; `reader.uniformity` looks at the text, here is what the
model shows.
"""

from __future__ import annotations

from collections.abc import Iterator

from modelcheck.model.families import (
    Family,
    is_mutex,
    is_shared,
    mentions,
    uncovered,
    unsized,
)
from modelcheck.model.permuting import scalarset_types
from modelcheck.model.program import Kind, Model, Property, Role, Variable
from modelcheck.model.statements import Span
from modelcheck.model.types import LockType, ScalarsetType, spell
from modelcheck.model.uniformity import Objection, Read, Uniformity


def objection_to(read: Read, name: str, text: Uniformity) -> str | None:
    """Why nothing can be proved for all sizes of `name`; None if something can.

    `text` is what the reader says about the same spec.
    """
    # In the order of the text: a reader looks there first.
    first = min(text.objections, key=lambda each: each.span, default=None)
    if first is not None:
        return first.text
    model, other = read(SIZES[0]), read(SIZES[1])
    scalarset = scalarset_types(model).get(name)
    if scalarset is None or not scalarset.symmetric:
        return f"{model.name} has no variable of a symmetric Scalarset {name}"
    if model.constraints:
        prop = model.constraints[0]
        what = f"{prop.name} cuts states off"
        return Objection(what, prop.span).text
    for objection in (*_variables(model, other, name, text), *_processes(model, name)):
        return objection.text
    return None


SIZES = (2, 3)
"""The sizes whose types are compared."""


def _variables(
    model: Model, other: Model, name: str, text: Uniformity
) -> Iterator[Objection]:
    """The variables that are kept, and do not follow a rule for every size."""
    bad = uncovered(model, other, name) - text.dropped
    spans: dict[str | None, Span] = {p.actor: p.span for p in model.processes}
    indexed = {
        p.actor
        for p in model.processes
        if any(mentions(type_, name) for type_, _ in p.arguments)
    }
    for variable in model.variables:
        type_ = variable.type_
        what = None
        match variable.role:
            case Role.STATE if variable.name in bad:
                what = f"a variable of type {spell(type_)} is not covered"
            case Role.LOCK if not is_mutex(type_):
                what = f"a lock of type {_lock(variable)} is not covered"
            case Role.LOCAL if variable.owner in indexed and mentions(type_, name):
                what = f"{variable.name} holds a member for each {name}"
            case Role.LOCAL if not is_shared(type_, name):
                # The text shows where a variable is looked at as a whole, by its name.
                what = f"a local of type {spell(type_)} is not covered"
        if what is not None:
            yield Objection(what, spans.get(variable.owner, variable.span))
    yield from _locals(model, other, name)


def _lock(variable: Variable) -> str:
    type_ = variable.type_
    return type_.kind.value if isinstance(type_, LockType) else spell(type_)


def _locals(model: Model, other: Model, name: str) -> Iterator[Objection]:
    """The locals that differ in form from one size to the other."""
    one, two = _forms(model, name), _forms(other, name)
    for place in one.keys() | two.keys():
        if one.get(place) != two.get(place):
            where = next(iter(model.processes)).span
            yield Objection(
                f"the local {place[1]} depends on the size of {name}", where
            )


def _forms(model: Model, name: str) -> dict[tuple[object, object], object]:
    """What type each local of each process has, whatever its member."""
    family = Family(model, name)
    found: dict[tuple[object, object], object] = {}
    for variable in model.variables:
        cell = variable.cells.leaf
        if variable.role in (Role.LOCAL, Role.PC) and cell is not None:
            form: object = unsized(variable.type_, name)
            if not mentions(variable.type_, name):
                form = (form, model.cells[cell].range)
            found[family.variable_of(cell)] = form
    return found


def _processes(model: Model, name: str) -> Iterator[Objection]:
    """The processes that are of more than one member."""
    for process in model.processes:
        of = [type_ for type_, _ in process.arguments if mentions(type_, name)]
        if len(of) > 1 or any(not isinstance(type_, ScalarsetType) for type_ in of):
            what = f"@process {process.function} is of several {name}"
            yield Objection(what, process.span)


def objection_to_claim(prop: Property, text: Uniformity) -> str | None:
    """Why `prop` cannot be proved for all sizes; None if it can."""
    if prop.kind is Kind.INVARIANT or prop.kind is Kind.TRANSITION:
        if prop.name in text.against:
            return text.against[prop.name].text
        if prop.name not in text.quantifiers:
            return "its text was not found"
    elif prop.kind is not Kind.ASSERTION:
        return f"a property of kind {prop.kind.value} is not covered"
    if prop.kind is Kind.INVARIANT:
        return None
    if text.universal_guards:
        return "it is about steps, and a step requires something of all members"
    if text.dropped or text.counters:
        what = ", ".join(sorted(text.dropped | text.counters))
        return f"it is about steps, and they cannot be told without {what}"
    return None
