"""Terms as Python expressions, for the generated code of the compiled explorer.

Terms are shared graphs of any depth; Python's parser accepts about two hundred nested
parentheses, and a tree written out of a shared graph can be exponentially larger. So
subterms that are deep, or large and used twice, are computed into locals first.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from modelcheck.model.terms import LEAVES, Op, Term, walk

MOST_NESTED = 16
"""How many operators an expression may nest."""

MOST_REPEATED = 4
"""How many operators an expression may have to be written out more than once."""

_INFIX = {
    Op.EQ: "==",
    Op.LT: "<",
    Op.LE: "<=",
    Op.ADD: "+",
    Op.SUB: "-",
    Op.MUL: "*",
    Op.DIV: "//",
    Op.MOD: "%",
    Op.UNION: "|",
    Op.INTER: "&",
    Op.MINUS: "& ~",
}


@dataclass(slots=True)
class _Use:
    """What is known of one subterm inside the expression that is being written."""

    count: int = 0
    depth: int = 0
    size: int = 0
    is_local: bool = False
    is_certain: bool = False
    is_hasty: bool = False


class TermWriter:
    """Writes terms; `leaf` names a cell or temporary, `emit` adds a line before."""

    def __init__(
        self, leaf: Callable[[Term], str], emit: Callable[[str], None]
    ) -> None:
        self._leaf = leaf
        self._emit = emit
        self._locals = 0

    def write(self, term: Term) -> str:
        """An expression for `term`, after the lines that it needs."""
        terms = list(walk([term]))
        uses = _uses(terms)
        text: dict[Term, str] = {}
        for part in terms:
            if part.op in LEAVES:
                text[part] = self._leaf(part)
                continue
            use = uses[part]
            written = _operator(part, [text[a] for a in part.args], use.is_hasty)
            text[part] = self._local(written) if use.is_local else written
        return text[term]

    def _local(self, written: str) -> str:
        self._locals += 1
        name = f"h{self._locals}"
        self._emit(f"{name} = {written}")
        return name


def _uses(terms: list[Term]) -> dict[Term, _Use]:
    """For each of `terms` (arguments first, the whole one last) how it is used."""
    uses = {term: _Use() for term in terms}
    for term in terms:
        for arg in term.args:
            uses[arg].count += 1
    for term in terms:
        if term.op not in LEAVES:
            _measure(term, uses)
    uses[terms[-1]].is_local = False
    uses[terms[-1]].is_certain = True
    for term in reversed(terms):
        _hand_down(term, uses)
    return uses


def _measure(term: Term, uses: dict[Term, _Use]) -> None:
    """Find the depth and size of `term` as written, and whether it gets a local."""
    use = uses[term]
    inline = [uses[arg] for arg in term.args if not uses[arg].is_local]
    use.depth = 1 + max((arg.depth for arg in inline), default=0)
    use.size = 1 + sum(arg.size for arg in inline)
    is_repeated = use.count > 1 and use.size > MOST_REPEATED
    use.is_local = is_repeated or use.depth >= MOST_NESTED


def _hand_down(term: Term, uses: dict[Term, _Use]) -> None:
    """Tell the arguments of `term` whether they are certain, or hasty.

    A subterm is certain if its value is needed whenever the expression's is. A local
    is computed first; where that is not certain, all in it may be evaluated where the
    reference would not look: hastily.
    """
    use = uses[term]
    use.is_hasty = use.is_hasty or (use.is_local and not use.is_certain)
    is_lazy = term.op in (Op.AND, Op.OR, Op.ITE)
    for position, arg in enumerate(term.args):
        below = uses[arg]
        below.is_hasty = below.is_hasty or use.is_hasty
        if use.is_certain and not (is_lazy and position):
            below.is_certain = True


def _operator(term: Term, args: list[str], is_hasty: bool) -> str:  # noqa: FBT001
    """`term` applied to arguments that are names, numbers or in parentheses."""
    match term.op:
        case Op.AND:
            return f"({' and '.join(args)})"
        case Op.OR:
            return f"({' or '.join(args)})"
        case Op.NOT:
            return f"(not {args[0]})"
        case Op.ITE:
            return f"({args[1]} if {args[0]} else {args[2]})"
        case Op.SUBSET:
            return f"(not {args[0]} & ~{args[1]})"
        case Op.CARD:
            return f"{args[0]}.bit_count()"
        case Op.BIT:
            return f"(1 << {_index(term.args[0], args[0], is_hasty)})"
        case Op.HAS:
            return f"({args[0]} >> {_index(term.args[1], args[1], is_hasty)} & 1)"
    divisor = term.args[1]
    if is_hasty and term.op in (Op.DIV, Op.MOD) and divisor.lo <= 0 <= divisor.hi:
        # Its value does not matter there, but it must have one.
        args[1] = f"({args[1]} or 1)"
    return f"({args[0]} {_INFIX[term.op]} {args[1]})"


def _index(term: Term, text: str, is_hasty: bool) -> str:  # noqa: FBT001
    return f"max({text}, 0)" if is_hasty and term.lo < 0 else text


def leaves_of(terms: Iterable[Term], op: Op) -> set[int]:
    """The numbers of the leaves with operator `op` in `terms`."""
    return {term.value for term in walk(terms) if term.op is op}
