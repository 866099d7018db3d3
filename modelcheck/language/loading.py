"""Importing a spec file by path, so that CPython can run it.

A spec imports what stands next to it (`from kernel.group import Group`). All of that is
imported afresh each time and forgotten afterwards: two loads with different scopes are
different classes, and neither sees the other's.
"""

import importlib
import importlib.util
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from threading import RLock
from types import ModuleType

from modelcheck.language.actors import actors_of
from modelcheck.language.errors import LanguageError
from modelcheck.language.outcomes import place_of
from modelcheck.language.scalarset import scopes as overriding_sizes
from modelcheck.language.spec import Spec, is_twin, state_fields

_LOADING = RLock()
"""Who has it may change what can be imported, which is the same for all threads."""


class SpecLoadError(LanguageError):
    """A spec file could not be loaded; `file` and `line` (0: unknown) say where."""

    def __init__(self, message: str, file: str, line: int = 0) -> None:
        """Keep the place."""
        super().__init__(message)
        self.file = file
        self.line = line


def load_spec(
    path: str | Path,
    class_name: str | None = None,
    scopes: Mapping[str, int] | None = None,
) -> type[Spec]:
    """Import the spec file `path` and return its `Spec` subclass.

    `class_name` says which one when the file defines several; one that another of
    them derives from does not count. `scopes` overrides sizes of scalarsets by name.
    The file is executed: load only what you would run. One thread loads at a time.
    Raises `SpecLoadError` when importing it fails, when it has no such class, and when
    its state or its actors have no finite types.
    """
    file = Path(path).resolve()
    with _LOADING, _fresh_imports(file.parent), overriding_sizes(scopes or {}):
        try:
            spec_class = _pick_class(_execute(file), class_name, file)
            # Now, while the modules can still be found: string annotations are looked
            # up in them. Both are remembered with the class.
            state_fields(spec_class)
            actors_of(spec_class)
        except SpecLoadError:
            raise
        except Exception as error:
            raise _load_error(error, file) from error
    return spec_class


def _execute(file: Path) -> ModuleType:
    name = file.stem
    if name in sys.stdlib_module_names or name == "modelcheck":
        name = f"spec_{name}"
    description = importlib.util.spec_from_file_location(name, file)
    if description is None or description.loader is None or not file.is_file():
        message = f"{file.name}: no such Python file"
        raise SpecLoadError(message, str(file))
    module = importlib.util.module_from_spec(description)
    sys.modules[name] = module
    description.loader.exec_module(module)
    return module


def _pick_class(module: ModuleType, class_name: str | None, file: Path) -> type[Spec]:
    found = {
        name: value
        for name, value in vars(module).items()
        if isinstance(value, type) and issubclass(value, Spec) and value is not Spec
    }
    if class_name is not None:
        if class_name in found:
            return found[class_name]
        message = f"{file.name} has no spec called {class_name}; {_listed(found)}"
        raise SpecLoadError(message, str(file))
    own = {
        name: value
        for name, value in found.items()
        if value.__module__ == module.__name__ and not is_twin(value)
    }
    bases = {base for value in own.values() for base in value.__mro__[1:]}
    leaves = {name: value for name, value in own.items() if value not in bases}
    if len(leaves) == 1:
        return next(iter(leaves.values()))
    message = f"{file.name}: say which spec; {_listed(leaves)}"
    raise SpecLoadError(message, str(file))


def _listed(found: Mapping[str, type[Spec]]) -> str:
    return f"it defines {', '.join(found)}" if found else "it defines none"


def _load_error(error: Exception, file: Path) -> SpecLoadError:
    if isinstance(error, SyntaxError):
        return SpecLoadError(error.msg, error.filename or str(file), error.lineno or 0)
    place, line = place_of(error.__traceback__, within=file.parent)
    message = f"{type(error).__name__}: {error}"
    if isinstance(error, LanguageError):
        message = str(error)
    return SpecLoadError(message, place or str(file), line)


@contextmanager
def _fresh_imports(folder: Path) -> Iterator[None]:
    """Let modules be imported from `folder`, and forget them afterwards."""
    hidden = _pop_modules(_siblings(folder))
    path, writes_bytecode = list(sys.path), sys.dont_write_bytecode
    sys.path.insert(0, str(folder))
    # A compiled file is trusted by its time stamp, which two quick edits can share.
    sys.dont_write_bytecode = True
    importlib.invalidate_caches()
    try:
        yield
    finally:
        sys.path[:] = path
        sys.dont_write_bytecode = writes_bytecode
        _pop_modules(_siblings(folder))
        sys.modules.update(hidden)


def _siblings(folder: Path) -> frozenset[str]:
    """Return the top-level modules that `folder` offers to the specs in it."""
    if not folder.is_dir():
        return frozenset()
    names = {entry.stem for entry in folder.iterdir() if _is_importable(entry)}
    own = {name for name in names if name in sys.stdlib_module_names}
    # The standard library and this package stay: running code holds on to them.
    spec_names = {f"spec_{name}" for name in own}
    return frozenset((names - own - {"modelcheck"}) | spec_names)


def _is_importable(entry: Path) -> bool:
    return entry.suffix == ".py" or (entry.is_dir() and entry.name.isidentifier())


def _pop_modules(top_level: frozenset[str]) -> dict[str, ModuleType]:
    names = [name for name in sys.modules if name.partition(".")[0] in top_level]
    return {name: sys.modules.pop(name) for name in names}
