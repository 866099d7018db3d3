"""The outline of a spec: from which files it is read, and what it says it models.

That takes the headers of its classes and no more, a hundredth of the time that the
model takes; nearly all of it is spent in Python's parser.
"""

from __future__ import annotations

from dataclasses import dataclass

from modelcheck.reader.bases import find_spec, linearise
from modelcheck.reader.headers import modelled
from modelcheck.reader.modules import Modules, Parse
from modelcheck.reader.source import load
from modelcheck.reader.stack import out_of_stack, own_stack


@dataclass(frozen=True, slots=True)
class Outline:
    """`files` are those of the spec, itself first; `models` those of a source tree."""

    files: tuple[str, ...]
    models: tuple[str, ...]


def read_outline(target: str, parse: Parse = load) -> Outline:
    """The outline of the spec `target`, as `read_spec` takes it.

    `parse` gives the source of a path: whoever reads many specs may remember it.
    Raises `SpecError` if there is no such spec, or if a file of it cannot be parsed.
    """
    path, _, name = target.partition("::")
    with own_stack():
        try:
            modules = Modules(path, parse=parse)
            symbol = find_spec(modules.main, name or None)
            models = [each for base in linearise(symbol) for each in modelled(base)]
        except RecursionError:
            raise out_of_stack(path) from None
    files = tuple(module.source.path for module in modules.loaded)
    return Outline(files, tuple(dict.fromkeys(models)))
