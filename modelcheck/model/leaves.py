"""Leaves: what a term reads, and how large it is, remembered for each term."""

from __future__ import annotations

from modelcheck.model import terms as t
from modelcheck.model.terms import Op, Term

_READ = frozenset({Op.CELL, Op.NEXT, Op.TEMP})

# Terms live as long as the process, so what is known of them may, too.
_leaves: dict[Term, frozenset[Term]] = {}
_temps: dict[Term, frozenset[Term]] = {}
_numbers: dict[tuple[Term, Op], frozenset[int]] = {}
_sizes: dict[Term, int] = {}


def leaves_of(term: Term) -> frozenset[Term]:
    """The CELL, NEXT and TEMP terms in `term`."""
    found = _leaves.get(term)
    if found is None:
        for part in t.walk([term], _leaves):
            own = [part] if part.op in _READ else []
            _leaves[part] = frozenset(own).union(*map(_leaves.__getitem__, part.args))
        found = _leaves[term]
    return found


def temps_of(term: Term) -> frozenset[Term]:
    """The temporaries in `term`."""
    found = _temps.get(term)
    if found is None:
        found = frozenset(leaf for leaf in leaves_of(term) if leaf.op is Op.TEMP)
        _temps[term] = found
    return found


def numbers_of(term: Term, op: Op) -> frozenset[int]:
    """The numbers of the leaves of kind `op` in `term`."""
    found = _numbers.get((term, op))
    if found is None:
        found = frozenset(leaf.value for leaf in leaves_of(term) if leaf.op is op)
        _numbers[term, op] = found
    return found


def reads_state(term: Term) -> bool:
    """Whether the value of `term` depends on cells, and not on temporaries alone."""
    return len(temps_of(term)) < len(leaves_of(term))


def size(term: Term) -> int:
    """The number of nodes of `term` written out as a tree."""
    found = _sizes.get(term)
    if found is None:
        for part in t.walk([term], _sizes):
            _sizes[part] = 1 + sum(map(_sizes.__getitem__, part.args))
        found = _sizes[term]
    return found
