"""Modules and names: what a name in a spec's text stands for.

Modules are found beside the spec that is checked and parsed when first needed; nothing
in them is executed. Names the language does not know are an error only where they are
used, so that a spec may contain code for other purposes.
"""

from __future__ import annotations

import ast
import difflib
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path

import modelcheck
from modelcheck.model.statements import Span
from modelcheck.reader.errors import Code, Note, SpecError
from modelcheck.reader.source import Source, load

LIBRARY = frozenset(modelcheck.__all__)
STANDARD = {
    "enum": frozenset({"Enum", "auto", "unique"}),
    "typing": frozenset(
        {"Annotated", "Self", "ClassVar", "Final", "Optional", "TYPE_CHECKING"}
        | {"override", "TypeAlias"}
    ),
    "typing_extensions": frozenset({"Self", "override", "Annotated"}),
    "dataclasses": frozenset({"dataclass", "replace"}),
    "__future__": frozenset({"annotations"}),
}
BUILTINS = frozenset(
    {"abs", "all", "any", "bool", "dict", "enumerate", "frozenset", "int", "len"}
    | {"list", "max", "min", "object", "property", "range", "reversed", "set"}
    | {"staticmethod", "sum", "super", "tuple", "zip", "str", "float", "None"}
)


@dataclass(frozen=True, slots=True)
class Known:
    """A name of the language: from `modelcheck`, `enum`, ... or a builtin."""

    name: str


@dataclass(frozen=True, slots=True)
class Foreign:
    """A name of a module that is not part of the language."""

    module: str
    span: Span


@dataclass(frozen=True, slots=True, eq=False)
class ClassSymbol:
    """A class defined in a spec module."""

    module: Module
    node: ast.ClassDef


@dataclass(frozen=True, slots=True, eq=False)
class FunctionSymbol:
    """A function defined at the top of a spec module."""

    module: Module
    node: ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True, slots=True, eq=False)
class NameSymbol:
    """A name bound by assignment at the top of a module: a constant or a type alias."""

    module: Module
    name: str
    value: ast.expr


@dataclass(frozen=True, slots=True, eq=False)
class Module:
    """One parsed file and the names it defines."""

    source: Source
    names: dict[str, Symbol] = field(default_factory=dict)
    ignored: list[Span] = field(default_factory=list)
    unread: dict[str, Span] = field(default_factory=dict)

    def span(self, node: ast.AST) -> Span:
        """The place of a node of this module."""
        return self.source.span(node)


Symbol = Known | Foreign | ClassSymbol | FunctionSymbol | NameSymbol | Module


Parse = Callable[[str], Source]


class Modules:
    """Every module of one spec; `root` is the folder of the spec that is checked.

    `rewrite` makes of each file the one that is read in its place; `parse` gives the
    source of a path.
    """

    def __init__(
        self,
        path: str,
        rewrite: Callable[[Source], Source] | None = None,
        parse: Parse = load,
    ) -> None:
        self.root = Path(path).parent
        self._rewrite = rewrite
        self._parse = parse
        self._loaded: dict[Path, Module] = {}
        self.main = self.load(path)

    @property
    def loaded(self) -> list[Module]:
        """The modules read so far, the spec itself first."""
        return list(self._loaded.values())

    def load(self, path: str) -> Module:
        """The module in the file at `path`, read once."""
        key = Path(path).absolute()
        if key not in self._loaded:
            source = self._parse(path)
            if self._rewrite is not None:
                source = self._rewrite(source)
            module = self._loaded[key] = Module(source)
            for statement in module.source.tree.body:
                self._define(module, statement)
            _check_unread(module)
        return self._loaded[key]

    def _define(self, module: Module, node: ast.stmt) -> None:
        match node:
            case ast.ClassDef(name=name):
                self._name(module, name, ClassSymbol(module, node), node)
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name):
                self._name(module, name, FunctionSymbol(module, node), node)
            case ast.Assign(targets=[ast.Name(id=name)], value=value):
                self._name(module, name, NameSymbol(module, name, value), node)
            case ast.AnnAssign(target=ast.Name(id=name), value=ast.expr() as value):
                self._name(module, name, NameSymbol(module, name, value), node)
            case ast.Import():
                self._import(module, node)
            case ast.ImportFrom():
                self._import_from(module, node)
            case ast.If() if _is_type_checking(node.test):
                for inner in node.body:
                    self._define(module, inner)
            case ast.Try(body=body) if all(map(_is_import, body)):
                for inner in body:
                    self._define(module, inner)
            case ast.Expr(value=ast.Constant()) | ast.Pass():
                pass
            case _:
                span = module.span(node)
                module.ignored.append(span)
                module.unread.update(dict.fromkeys(_bound(node), span))

    def _name(self, module: Module, name: str, symbol: Symbol, node: ast.stmt) -> None:
        """Bind `name`; what it stands for does not depend on when it is looked up."""
        if name in module.names:
            raise SpecError(
                Code.DEFINED_TWICE,
                f"`{name}` is defined twice: only one definition would count",
                module.span(node),
                help="rename one of them",
            )
        module.names[name] = symbol

    def _import(self, module: Module, node: ast.Import) -> None:
        for alias in node.names:
            found = self._find(self.root, alias.name)
            name = alias.asname or alias.name.split(".")[0]
            if found is not None and (alias.asname or "." not in alias.name):
                module.names[name] = found
            elif alias.name in {*STANDARD, "modelcheck"}:
                module.names[name] = Known(alias.name)
            else:
                module.names[name] = Foreign(alias.name, module.span(node))

    def _import_from(self, module: Module, node: ast.ImportFrom) -> None:
        origin = "." * node.level + (node.module or "")
        if not node.level and origin in {*STANDARD, "modelcheck"}:
            self._import_known(module, node, origin)
            return
        found = self._origin(module, node)
        for alias in node.names:
            name = alias.asname or alias.name
            if alias.name == "*":
                raise _star(module.span(node))
            if found is None and not node.level:
                module.names[name] = Foreign(origin, module.span(node))
                continue
            symbol = found.names.get(alias.name) if found is not None else None
            if symbol is None:
                symbol = self._submodule(module, node, alias.name)
            if symbol is None and found is None:
                raise SpecError(
                    Code.IMPORT,
                    f"there is no module `{origin}` here",
                    module.span(node),
                    help="modules are looked for from the folder of this file",
                )
            if symbol is None:
                raise SpecError(
                    Code.IMPORT,
                    f"`{origin}` defines no `{alias.name}`",
                    module.span(alias),
                    help=suggest(alias.name, found.names if found else ())
                    or f"define `{alias.name}` there, or import something else",
                )
            module.names[name] = symbol

    def _import_known(self, module: Module, node: ast.ImportFrom, origin: str) -> None:
        known = LIBRARY if origin == "modelcheck" else STANDARD[origin]
        for alias in node.names:
            name = alias.asname or alias.name
            if alias.name == "*":
                raise _star(module.span(node))
            if alias.name in known:
                module.names[name] = Known(alias.name)
            elif origin == "modelcheck":
                raise SpecError(
                    Code.IMPORT,
                    f"`modelcheck` has no `{alias.name}`",
                    module.span(alias),
                    help=suggest(alias.name, known)
                    or "docs/language.md lists what can be imported",
                )
            else:
                module.names[name] = Foreign(
                    f"{origin}.{alias.name}", module.span(node)
                )

    def _origin(self, module: Module, node: ast.ImportFrom) -> Module | None:
        if not node.level:
            return self._find(self.root, node.module or "")
        folder = Path(module.source.path).parent
        for _ in range(node.level - 1):
            folder = folder.parent
        return self._find(folder, node.module or "")

    def _submodule(
        self, module: Module, node: ast.ImportFrom, name: str
    ) -> Module | None:
        dotted = f"{node.module}.{name}" if node.module else name
        if not node.level:
            return self._find(self.root, dotted)
        folder = Path(module.source.path).parent
        for _ in range(node.level - 1):
            folder = folder.parent
        return self._find(folder, dotted)

    def _find(self, folder: Path, dotted: str) -> Module | None:
        path = folder.joinpath(*dotted.split(".")) if dotted else folder
        candidates = [path / "__init__.py"]
        if path.name:
            candidates.insert(0, path.with_name(f"{path.name}.py"))
        for candidate in candidates:
            if candidate.is_file():
                return self.load(str(candidate))
        return None


def _is_import(node: ast.stmt) -> bool:
    return isinstance(node, ast.Import | ast.ImportFrom)


def _bound(node: ast.stmt) -> list[str]:
    """The names that a statement could bind."""
    found = []
    for part in ast.walk(node):
        match part:
            case ast.Name(id=name, ctx=ast.Store() | ast.Del()):
                found.append(name)
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name):
                found.append(name)
            case ast.ClassDef(name=name):
                found.append(name)
            case ast.alias(name=name, asname=asname):
                found.append(asname or name)
    return found


def _check_unread(module: Module) -> None:
    """Refuse statements that are not read but would change what a name stands for."""
    for name, span in module.unread.items():
        if name in module.names:
            raise SpecError(
                Code.DEFINED_TWICE,
                f"this would change `{name}`, but such statements are not executed",
                span,
                help=f"define `{name}` once, by a plain assignment, import or def",
            )


def _star(span: Span) -> SpecError:
    return SpecError(
        Code.IMPORT,
        "`import *` hides which names a spec uses",
        span,
        help="import the names one by one",
    )


def _is_type_checking(test: ast.expr) -> bool:
    return isinstance(test, ast.Name) and test.id == "TYPE_CHECKING"


def lookup(module: Module, name: str, span: Span) -> Symbol:
    """What `name` stands for at the top of `module`; raises MC102 if nothing."""
    symbol = module.names.get(name)
    if symbol is not None:
        return symbol
    if name in BUILTINS:
        return Known(name)
    raise unknown_name(name, span, module)


def undefined(name: str, span: Span, module: Module) -> SpecError:
    """The error for a name bound by a statement of `module` that is not executed."""
    return SpecError(
        Code.UNKNOWN_NAME,
        f"`{name}` gets its value from a statement that is not executed",
        span,
        help=f"write {name} = ... on a line of its own, at the top of the module",
        notes=[Note(module.unread[name], "this statement")],
    )


def unknown_name(
    name: str, span: Span, module: Module, known: Iterable[str] = ()
) -> SpecError:
    """The error for a name that `module` does not define; `known` are more names."""
    if name in module.unread:
        return undefined(name, span, module)
    library = LIBRARY - {"__version__"}
    if name in library:
        help_ = f"import it: from modelcheck import {name}"
    else:
        help_ = suggest(name, [*known, *module.names, *sorted(library)])
    return SpecError(
        Code.UNKNOWN_NAME,
        f"nothing here is called `{name}`",
        span,
        help=help_ or f"define `{name}` before it is used, or import it",
    )


def suggest(name: str, known: Iterable[str]) -> str:
    """`did you mean ...?` for the closest of `known`, or nothing."""
    names = list(known)
    close = [other for other in names if sorted(other) == sorted(name)]
    close = close or difflib.get_close_matches(name, names, n=1, cutoff=0.7)
    return f"did you mean `{close[0]}`?" if close else ""
