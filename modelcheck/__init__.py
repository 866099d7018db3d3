"""What a spec imports: the names of the specification language.

The package itself holds no checker: reading, exploring and solving live in the
subpackages and are imported by whoever needs them, so that a spec (and the
command line's `--help`) pays only for the language.
"""

from modelcheck.language import (
    HOLDS,
    VIOLATED,
    Length,
    Mutex,
    RWLock,
    Scalarset,
    Semaphore,
    Spec,
    action,
    assume,
    choose,
    constraint,
    init,
    invariant,
    preempt,
    process,
    reachable,
    require,
    temporal,
    transition,
    until,
)

__version__ = "0.1.0"

__all__ = [
    "HOLDS",
    "VIOLATED",
    "Length",
    "Mutex",
    "RWLock",
    "Scalarset",
    "Semaphore",
    "Spec",
    "__version__",
    "action",
    "assume",
    "choose",
    "constraint",
    "init",
    "invariant",
    "preempt",
    "process",
    "reachable",
    "require",
    "temporal",
    "transition",
    "until",
]
