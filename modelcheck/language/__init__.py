"""The specification language as classes and functions that CPython can run.

A spec imports its vocabulary from here (through `modelcheck`). `scheduler.World`
runs a spec in CPython, one atomic step at a time, and `run` loads a spec by path and
walks it at random; both are imported only by those who execute specs. Nothing here
knows the reader, the model or an engine.
"""

from modelcheck.language.choosing import assume, choose, require
from modelcheck.language.decorators import (
    HOLDS,
    VIOLATED,
    Expected,
    action,
    constraint,
    fairness,
    init,
    invariant,
    lemma,
    mapping,
    process,
    reachable,
    temporal,
    transition,
)
from modelcheck.language.finite import Length
from modelcheck.language.locks import Mutex, RWLock, Semaphore
from modelcheck.language.scalarset import Scalarset, scopes
from modelcheck.language.spec import Spec, spec_snapshot
from modelcheck.language.suspension import preempt, until
from modelcheck.language.temporal import (
    Formula,
    always,
    eventually,
    every,
    implies,
    leads_to,
    next_state,
    some,
)

__all__ = [
    "HOLDS",
    "VIOLATED",
    "Expected",
    "Formula",
    "Length",
    "Mutex",
    "RWLock",
    "Scalarset",
    "Semaphore",
    "Spec",
    "action",
    "always",
    "assume",
    "choose",
    "constraint",
    "eventually",
    "every",
    "fairness",
    "implies",
    "init",
    "invariant",
    "leads_to",
    "lemma",
    "mapping",
    "next_state",
    "preempt",
    "process",
    "reachable",
    "require",
    "scopes",
    "some",
    "spec_snapshot",
    "temporal",
    "transition",
    "until",
]
