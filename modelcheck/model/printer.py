"""Printing a model: what the reader understood, in a fixed order.

Cells stand under their names; a constant that is compared with a cell or assigned to it
stands under the name it has in the cell's type.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from math import log10

from modelcheck.model.program import Model, Property, Role, Step, Variable
from modelcheck.model.shapes import Scalar, scalar, shape
from modelcheck.model.statements import (
    Assert,
    Assign,
    Body,
    Choose,
    If,
    Let,
    Mark,
    Require,
    Span,
    Statement,
)
from modelcheck.model.temporal import Connective, Fairness, Formula, Temporal
from modelcheck.model.terms import Op, Sort, Term
from modelcheck.model.types import (
    BoolType,
    DictType,
    EnumType,
    ListType,
    LockKind,
    LockType,
    OptionalType,
    ScalarsetType,
    Type,
    parts,
    spell,
)

_INFIX = {
    Op.AND: " and ",
    Op.OR: " or ",
    Op.EQ: " == ",
    Op.LT: " < ",
    Op.LE: " <= ",
    Op.ADD: " + ",
    Op.SUB: " - ",
    Op.MUL: " * ",
    Op.DIV: " // ",
    Op.MOD: " % ",
    Op.UNION: " | ",
    Op.INTER: " & ",
    Op.MINUS: " - ",
    Op.SUBSET: " <= ",
}


def bits_of(range_: Scalar) -> int:
    """How many bits a component needs."""
    return (range_.hi - range_.lo).bit_length()


def show_model(model: Model, *, bodies: bool = False) -> str:
    """The model as text that ends in a newline; with `bodies`, every step's body."""
    return "\n".join(_Printer(model).lines(bodies=bodies)) + "\n"


class _Printer:
    """Writes one model."""

    def __init__(self, model: Model) -> None:
        self.model = model
        self.kinds = _cell_kinds(model)

    def lines(self, *, bodies: bool) -> Iterator[str]:
        """The lines of the whole print."""
        model = self.model
        yield f"{model.path}: {model.name}"
        scopes = ", ".join(f"{name}={size}" for name, size in model.scopes.items())
        yield f"  scopes      {scopes or 'none'}"
        yield f"  preemption  {model.preempt}"
        yield f"  type space  {self._type_space()}"
        for number, path in enumerate(model.models):
            yield f"  {'' if number else 'models':<10}  {path}"
        yield ""
        yield "variables"
        yield from self._variables()
        if model.processes:
            yield ""
            yield "processes"
            yield from self._processes()
        yield ""
        yield f"steps ({len(model.steps)})"
        for step in model.steps:
            yield from self._step(step, bodies=bodies)
        if model.fairness:
            yield ""
            yield "fairness"
            for fair in model.fairness:
                yield from self._fairness(fair, bodies=bodies)
        yield ""
        yield "properties"
        for prop in (*model.constraints, *model.properties):
            yield from self._property(prop, bodies=bodies)

    def _type_space(self) -> str:
        bits = sum(bits_of(cell.range) for cell in self.model.cells)
        count = sum(log10(c.range.hi - c.range.lo + 1) for c in self.model.cells)
        whole = int(count)
        amount = f"{10 ** (count - whole):.1f}e{whole:+03d}"
        return f"{amount} states, {bits} bits in {len(self.model.cells)} cells"

    def _variables(self) -> Iterator[str]:
        rows = [
            (v.name, self._type(v), _count(self._bits(v))) for v in self.model.variables
        ]
        yield from _columns(rows)

    def _type(self, variable: Variable) -> str:
        if variable.role is Role.PC:
            return "location"
        return spell(variable.type_)

    def _bits(self, variable: Variable) -> int:
        cells = self.model.cells
        return sum(bits_of(cells[index].range) for index in variable.cells.leaves())

    def _processes(self) -> Iterator[str]:
        for process in self.model.processes:
            daemon = " (daemon)" if process.is_daemon else ""
            yield f"  {process.actor}{daemon}"
            rows = [
                (
                    f"  {loc.number}",
                    f"{loc.kind.value} {loc.lock or ''}".rstrip(),
                    _source(loc.span),
                )
                for loc in process.locations
            ]
            yield from _columns(rows)

    def _step(self, step: Step, *, bodies: bool) -> Iterator[str]:
        at = f" at {step.at[1]}" if step.at is not None else ""
        yield f"  {step.index} {step.actor}{at}  {_source(step.span)}"
        if bodies:
            yield from self._body(step.body, "      ")

    def _property(self, prop: Property, *, bodies: bool) -> Iterator[str]:
        expected = (
            "" if prop.expect.value == "holds" else f" expect {prop.expect.value}"
        )
        where = f"  {_source(prop.span)}" if prop.span.line else ""
        yield f"  {prop.word} {prop.name}{expected}{where}"
        if prop.temporal is not None:
            yield f"      {formula_text(prop.temporal)}"
        elif bodies and prop.kind.value not in ("deadlock", "assertion"):
            yield from self._body(prop.body, "      ")
            yield f"      {self.term(prop.result)}"

    def _fairness(self, fair: Fairness, *, bodies: bool) -> Iterator[str]:
        where = f"  {_source(fair.span)}" if fair.span.line else ""
        yield f"  {fair.strength.value} {fair.name}{where}"
        yield f"      steps {_ranges(fair.steps)}"
        if bodies and fair.result is not None:
            yield from self._body(fair.body, "      ")
            yield f"      {self.term(fair.result)}"

    def _body(self, body: Body, indent: str) -> Iterator[str]:
        for statement in body:
            if isinstance(statement, If):
                yield f"{indent}if {self.term(statement.cond)}:"
                yield from self._body(statement.then, indent + "  ")
                if statement.orelse:
                    yield f"{indent}else:"
                    yield from self._body(statement.orelse, indent + "  ")
            else:
                yield f"{indent}{self._statement(statement)}"

    def _statement(self, statement: Statement) -> str:
        match statement:
            case Assign(cell, term):
                name = self.model.cells[cell].name
                return f"{name} := {self.term(term, self.kinds.get(cell))}"
            case Let(temp, term):
                return f"t{temp.value} := {self.term(term)}"
            case Require(cond, is_assumption=is_assumption):
                word = "assume" if is_assumption else "require"
                return f"{word} {self.term(cond)}"
            case Assert(cond, check, message):
                return f"check {check.value} {self.term(cond)}  # {message}"
            case Choose(temp, among, type_):
                place = spell(type_) if among is None else self.term(among)
                return f"choose t{temp.value} in {place}"
            case Mark(kind, name):
                return f"# {kind.value} {name}"
        return type(statement).__name__

    def term(self, term: Term, kind: Type | None = None) -> str:
        """A term as an expression; `kind` names the type of a constant."""
        match term.op:
            case Op.CONST:
                return _constant(term, kind)
            case Op.CELL:
                return self.model.cells[term.value].name
            case Op.NEXT:
                return f"after.{self.model.cells[term.value].name}"
            case Op.TEMP:
                return f"t{term.value}"
            case Op.NOT:
                return f"not {self._inner(term.args[0])}"
            case Op.ITE:
                cond, then, other = (self._inner(arg, kind) for arg in term.args)
                return f"{then} if {cond} else {other}"
            case Op.BIT:
                return f"{{{self.term(term.args[0])}}}"
            case Op.HAS:
                return f"{self._inner(term.args[1])} in {self._inner(term.args[0])}"
            case Op.CARD:
                return f"len({self.term(term.args[0])})"
        known = next((k for a in term.args if (k := self._kind(a)) is not None), kind)
        return _INFIX[term.op].join(self._inner(arg, known) for arg in term.args)

    def _inner(self, term: Term, kind: Type | None = None) -> str:
        text = self.term(term, kind)
        return text if not term.args or term.op in _CLOSED else f"({text})"

    def _kind(self, term: Term) -> Type | None:
        if term.op in (Op.CELL, Op.NEXT):
            return self.kinds.get(term.value)
        return None


def formula_text(temporal: Temporal) -> str:
    """The formula of a temporal property as the spec writes it, on one line."""
    return _formula(temporal.formula, temporal)


def _formula(formula: Formula, temporal: Temporal) -> str:
    inner = [_formula(operand, temporal) for operand in formula.operands]
    match formula.op, formula.operands:
        case Connective.ATOM, _:
            return temporal.atoms[formula.atom].text
        case Connective.TRUE, _:
            return "True"
        case Connective.NOT, (Formula(op=Connective.TRUE),):
            return "False"
        case Connective.NOT, (Formula(op=Connective.ATOM),):
            return f"not {_closed(inner[0])}"
        case Connective.NOT, _:
            return f"~{_closed(inner[0])}"
        case ((Connective.AND | Connective.OR), (_, _, *_)):
            if formula.op is Connective.OR and formula.operands[0].op is Connective.NOT:
                return _implication(formula, temporal)
            sign = " & " if formula.op is Connective.AND else " | "
            return sign.join(map(_closed, inner))
        case ((Connective.AND | Connective.OR), (_,)):
            return inner[0]
        case ((Connective.AND | Connective.OR), _):
            return str(formula.op is Connective.AND)
    name = "next_state" if formula.op is Connective.NEXT else formula.op.value
    return f"{name}({', '.join(inner)})"


def _implication(formula: Formula, temporal: Temporal) -> str:
    """A disjunction whose first part is negated."""
    (left,), others = formula.operands[0].operands, formula.operands[1:]
    right = Formula(Connective.OR, others)
    return f"implies({_formula(left, temporal)}, {_formula(right, temporal)})"


def _closed(text: str) -> str:
    """`text` as an operand: in parentheses unless it is a name or one call."""
    return text if _ONE_CALL.fullmatch(text) else f"({text})"


_ONE_CALL = re.compile(r"[\w.]+(\((?:[^()]|\((?:[^()]|\([^()]*\))*\))*\))?")


def _ranges(numbers: Iterable[int]) -> str:
    """`0-3, 7` for 0, 1, 2, 3 and 7; `none` for none."""
    runs: list[list[int]] = []
    for number in sorted(numbers):
        if runs and runs[-1][-1] == number - 1:
            runs[-1][1:] = [number]
        else:
            runs.append([number])
    return ", ".join("-".join(map(str, run)) for run in runs) or "none"


_CLOSED = frozenset({Op.BIT, Op.CARD})


def _constant(term: Term, kind: Type | None) -> str:
    if term.sort is Sort.BOOL:
        return str(bool(term.value))
    if term.sort is Sort.MASK:
        bits = [str(i) for i in range(term.width) if term.value >> i & 1]
        return f"{{{', '.join(bits)}}}"
    if isinstance(kind, OptionalType) and term.value >= 0:
        if term.value == 0:
            return "None"
        return _member(term.value - 1, kind.item)
    if isinstance(kind, LockType) and kind.kind is LockKind.MUTEX:
        return "free" if term.value == 0 else kind.holders[term.value - 1]
    return _member(term.value, kind)


def _member(index: int, kind: Type | None) -> str:
    if isinstance(kind, EnumType | ScalarsetType) and 0 <= index < len(kind.members):
        return kind.members[index]
    return str(index)


def _cell_kinds(model: Model) -> dict[int, Type]:
    """The type whose values a cell's numbers are, where one cell is one value."""
    found: dict[int, Type] = {}
    for variable in model.variables:
        if variable.role is not Role.PC:
            kinds = list(_leaf_kinds(variable.type_))
            cells = zip(variable.cells.leaves(), kinds, strict=False)
            found.update({cell: kind for cell, kind in cells if kind is not None})
    return found


def _leaf_kinds(type_: Type) -> Iterator[Type | None]:
    """The type of each component of `type_`, in order; None for lengths and flags."""
    if scalar(type_) is not None:
        yield type_
        return
    match type_:
        case OptionalType(item):
            yield BoolType()
            yield from _leaf_kinds(item)
        case DictType(_, value):
            for _ in shape(type_).items:
                yield from _leaf_kinds(value)
        case ListType(item, length):
            yield None
            for _ in range(length):
                yield from _leaf_kinds(item)
        case LockType():
            yield from (None for _ in shape(type_).leaves())
        case _:
            for part in parts(type_):
                yield from _leaf_kinds(part)


def _source(span: Span) -> str:
    return f"{span.path}:{span.line}" if span.line else ""


def _columns(rows: list[tuple[str, str, str]]) -> Iterator[str]:
    widths = [max((len(row[i]) for row in rows), default=0) for i in range(2)]
    for first, second, third in rows:
        line = f"  {first:<{widths[0]}}  {second:<{widths[1]}}  {third}"
        yield line.rstrip()


def _count(bits: int) -> str:
    return f"{bits} bit" if bits == 1 else f"{bits} bits"
