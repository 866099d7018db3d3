"""From a spec's text to a model; a spec is never imported or executed."""

from modelcheck.reader.errors import Code, SpecError
from modelcheck.reader.memory import Memory
from modelcheck.reader.outline import Outline, read_outline
from modelcheck.reader.read import read_counted, read_spec

__all__ = [
    "Code",
    "Memory",
    "Outline",
    "SpecError",
    "read_counted",
    "read_outline",
    "read_spec",
]
