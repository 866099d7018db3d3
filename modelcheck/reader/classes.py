"""Spec classes: their linearised bases, fields, methods and what decorators say."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field

from modelcheck.model.program import Expect
from modelcheck.model.statements import NO_SPAN, Span
from modelcheck.model.temporal import Strength
from modelcheck.reader.annotations import attribute_symbol, base_names, name_span
from modelcheck.reader.errors import Code, Note, SpecError
from modelcheck.reader.modules import (
    ClassSymbol,
    Foreign,
    Known,
    Module,
    NameSymbol,
    Symbol,
    lookup,
    suggest,
)
from modelcheck.reader.wording import code

ROLES = frozenset(
    {"action", "process", "init", "invariant", "transition", "reachable"}
    | {"temporal", "constraint", "fairness", "mapping", "lemma"}
)
PROPERTY_ROLES = frozenset({"invariant", "transition", "reachable", "temporal"})
_PROPERTY_OPTIONS = frozenset({"expect", "because"})
_OPTIONS = {
    "action": frozenset({"fair"}),
    "process": frozenset({"fair", "daemon", "instances"}),
    "invariant": _PROPERTY_OPTIONS,
    "lemma": frozenset(),
    "transition": _PROPERTY_OPTIONS,
    "reachable": _PROPERTY_OPTIONS,
    "temporal": _PROPERTY_OPTIONS,
    "init": frozenset(),
    "constraint": frozenset(),
    "fairness": frozenset({"of"}),
    "mapping": frozenset(),
}
_PLAIN = frozenset({"property", "staticmethod", "override"})
Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True, slots=True)
class Options:
    """What a decorator's arguments say.

    `of` names the action or process whose steps an @fairness is about, empty for all,
    or the variable that an @mapping gives a value; `of_span` is where it does.
    """

    is_daemon: bool = False
    instances: int = 1
    expect: Expect = Expect.HOLDS
    because: str = ""
    fair: Strength | None = None
    of: str = ""
    of_span: Span = NO_SPAN


@dataclass(frozen=True, slots=True, eq=False)
class Method:
    """A function of a spec class; `role` is its decorator's name, or empty."""

    owner: ClassSymbol
    node: Function
    role: str = ""
    options: Options = Options()
    is_property: bool = False
    is_static: bool = False

    @property
    def name(self) -> str:
        """The function's name."""
        return self.node.name

    @property
    def module(self) -> Module:
        """The module it is written in."""
        return self.owner.module

    @property
    def span(self) -> Span:
        """The place of its `def` line's name."""
        return name_span(self.module, self.node)


@dataclass(frozen=True, slots=True, eq=False)
class Field:
    """A state variable: its annotation and default as written."""

    owner: ClassSymbol
    name: str
    annotation: ast.expr
    default: ast.expr | None
    span: Span


@dataclass(slots=True)
class SpecClass:
    """A spec: everything its class and its bases declare, most derived first."""

    symbol: ClassSymbol
    order: list[ClassSymbol]
    fields: dict[str, Field] = field(default_factory=dict)
    constants: dict[str, NameSymbol] = field(default_factory=dict)
    methods: dict[str, Method] = field(default_factory=dict)
    by_class: dict[tuple[ClassSymbol, str], Method] = field(default_factory=dict)
    deadlock: Options = Options()
    floor: int = 0

    def above(self, owner: ClassSymbol, name: str) -> Method | None:
        """The method `super().name` finds from inside class `owner`."""
        for symbol in self.order[self.order.index(owner) + 1 :]:
            if (symbol, name) in self.by_class:
                return self.by_class[symbol, name]
        return None

    def with_role(self, *roles: str) -> Iterator[Method]:
        """The methods that bear one of the decorators, base classes first."""
        for method in self.methods.values():
            if method.role in roles:
                yield method


def find_spec(module: Module, name: str | None) -> ClassSymbol:
    """The spec of the main module: the class called `name`, or the only one.

    A class that another spec of the file derives from is not counted, and neither is a
    twin. Raises MC400 where there is none and MC401 where there are several.
    """
    specs = [
        symbol
        for symbol in module.names.values()
        if isinstance(symbol, ClassSymbol) and symbol.module is module
        if _is_spec(symbol)
    ]
    names = [symbol.node.name for symbol in specs]
    if name is not None:
        for symbol in specs:
            if symbol.node.name == name:
                return symbol
        what = "there is no spec called"
        if isinstance(module.names.get(name), ClassSymbol):
            what = "only a class that derives from Spec is a spec, not"
        raise SpecError(
            Code.NO_SPEC,
            f"{what} `{name}`",
            Span(module.source.path),
            help=suggest(name, names)
            or (f"its specs are {', '.join(names)}" if names else _WRITE_SPEC),
        )
    specs = [symbol for symbol in specs if not is_twin(symbol)]
    bases = {base for symbol in specs for base in linearise(symbol)[1:]}
    leaves = [symbol for symbol in specs if symbol not in bases]
    if not leaves:
        raise SpecError(
            Code.NO_SPEC,
            "this file defines no spec",
            Span(module.source.path),
            help=_WRITE_SPEC,
        )
    if len(leaves) > 1:
        raise _many(module, leaves)
    return leaves[0]


_WRITE_SPEC = "write one: class Group(Spec):, with Spec imported from modelcheck"


def _many(module: Module, leaves: list[ClassSymbol]) -> SpecError:
    path = module.source.path
    last = leaves[-1]
    notes = [
        Note(name_span(symbol.module, symbol.node), f"{symbol.node.name} is one")
        for symbol in leaves[:-1]
    ]
    choices = ", ".join(f"{path}::{symbol.node.name}" for symbol in leaves[:4])
    return SpecError(
        Code.MANY_SPECS,
        f"this file defines {len(leaves)} specs",
        name_span(last.module, last.node),
        help=f"choose one: {choices}",
        notes=notes,
    )


def _is_spec(symbol: ClassSymbol, seen: tuple[ClassSymbol, ...] = ()) -> bool:
    if symbol in seen:
        return False
    if "Spec" in base_names(symbol):
        return True
    return any(_is_spec(base, (*seen, symbol)) for base in _bases(symbol))


def _bases(symbol: ClassSymbol) -> list[ClassSymbol]:
    found = []
    for node in symbol.node.bases:
        base = _base(symbol.module, node)
        if isinstance(base, ClassSymbol):
            found.append(base)
    return found


def _base(module: Module, node: ast.expr) -> Symbol | None:
    if isinstance(node, ast.Name):
        return lookup(module, node.id, module.span(node))
    if isinstance(node, ast.Attribute):
        return attribute_symbol(module, node)
    return None


def linearise(
    symbol: ClassSymbol, active: tuple[ClassSymbol, ...] = ()
) -> list[ClassSymbol]:
    """Python's method resolution order of spec classes (C3, Python 2.3 and later)."""
    span = name_span(symbol.module, symbol.node)
    if symbol in active:
        raise SpecError(
            Code.RECURSION,
            f"`{symbol.node.name}` is its own base",
            span,
            help="derive it from Spec, or from a class defined above it",
        )
    bases = _bases(symbol)
    lists = [linearise(base, (*active, symbol)) for base in bases] + [list(bases)]
    order = [symbol]
    while any(lists):
        heads = [entries[0] for entries in lists if entries]
        tails = {entry for entries in lists for entry in entries[1:]}
        good = next((head for head in heads if head not in tails), None)
        if good is None:
            raise SpecError(
                Code.SIGNATURE,
                f"the bases of `{symbol.node.name}` cannot be put in order",
                span,
                help="list the more derived class first",
            )
        order.append(good)
        lists = [[e for e in entries if e is not good] for entries in lists]
    return order


def collect(symbol: ClassSymbol, evaluate_int: object) -> SpecClass:
    """Everything that the class of a spec and its bases declare.

    `evaluate_int` is called as `f(module, expression)` for `instances=`.
    """
    spec = SpecClass(symbol, linearise(symbol))
    for owner in reversed(spec.order):
        if owner.node.keywords:
            _header(spec, owner, evaluate_int)
        for node in owner.node.body:
            _member(spec, owner, node, evaluate_int)
    inits = list(spec.with_role("init"))
    if len(inits) > 1:
        first, second = inits[:2]
        raise SpecError(
            Code.DECORATOR,
            f"`{second.name}` is a second @init",
            second.span,
            help=f"override `{first.name}` and call super().{first.name}()",
            notes=[Note(first.span, "the first one")],
        )
    return spec


def _header(spec: SpecClass, owner: ClassSymbol, evaluate_int: object) -> None:
    """Take in what the header of a spec class says to the checker.

    What it expects of the deadlock check goes for the classes derived from it as well;
    the floor is that of the class itself.
    """
    if is_twin(owner):
        broken(owner)
        return
    found: dict[str, object] = {}
    for keyword in owner.node.keywords:
        name = _HEADER.get(keyword.arg or "")
        if name is None:
            raise SpecError(
                Code.DECORATOR,
                f"a spec class has no option `{keyword.arg or '**'}`",
                owner.module.span(keyword),
                help=suggest(keyword.arg or "", {*_HEADER, "breaks"})
                or f"write class {owner.node.name}(Spec): or, for a design that is "
                "known to block, (Spec, deadlock=VIOLATED, because='...')",
            )
        as_option = ast.keyword(arg=name, value=keyword.value)
        found[name] = _option(owner.module, as_option, evaluate_int)
    if "expect" in found:
        expect = Expect(found["expect"])
        because = str(found.get("because", ""))
        spec.deadlock = Options(expect=expect, because=because)
    if owner is spec.symbol:
        spec.floor = int(str(found.get("floor", 0)))


_HEADER = {"deadlock": "expect", "because": "because", "floor": "floor"}


def is_twin(symbol: ClassSymbol) -> bool:
    """Whether a class is a variant of a spec that is broken on purpose."""
    return any(keyword.arg == "breaks" for keyword in symbol.node.keywords)


@dataclass(frozen=True, slots=True)
class Broken:
    """The name of a property in `breaks=`."""

    name: str
    span: Span


def broken(twin: ClassSymbol) -> list[Broken]:
    """What a twin's header says that it breaks; raises MC118 if it is not that."""
    module = twin.module
    for keyword in twin.node.keywords:
        if keyword.arg != "breaks":
            raise SpecError(
                Code.TWIN,
                f"a twin has no option `{keyword.arg or '**'}`",
                module.span(keyword),
                help="it says breaks='...', and is asked for nothing else",
            )
    value = twin.node.keywords[0].value
    nodes = value.elts if isinstance(value, ast.Tuple) else [value]
    found = [(node, _text(node)) for node in nodes]
    for node, text in found:
        if not text:
            raise SpecError(
                Code.TWIN,
                f"`{code(node)}` does not name a property",
                module.span(node),
                help="write breaks='owner_cnt_exact', or several names in parentheses",
            )
    if not found:
        raise SpecError(
            Code.TWIN,
            "this twin breaks nothing",
            module.span(value),
            help="name the properties that must fail: breaks='owner_cnt_exact'",
        )
    return [Broken(text, module.span(node)) for node, text in found if text]


def _member(
    spec: SpecClass, owner: ClassSymbol, node: ast.stmt, evaluate_int: object
) -> None:
    match node:
        case ast.FunctionDef() | ast.AsyncFunctionDef():
            method = _method(owner, node, evaluate_int)
            _check_twice(spec, owner, node.name, method.span)
            _check_override(spec.methods.get(method.name), method)
            spec.methods[method.name] = method
            spec.by_class[owner, method.name] = method
            spec.fields.pop(method.name, None)
        case ast.AnnAssign(
            target=ast.Name(id=name), annotation=annotation, value=value
        ):
            if _is_constant(owner.module, annotation) and value is not None:
                spec.constants[name] = NameSymbol(owner.module, name, value)
                return
            span = owner.module.span(node.target)
            _check_twice(spec, owner, name, span)
            spec.fields[name] = Field(owner, name, annotation, value, span)
        case ast.Assign(targets=[ast.Name(id=name)], value=value):
            _assigned(spec, owner, node, name, value)
        case ast.Expr(value=ast.Constant()) | ast.Pass():
            pass
        case ast.ClassDef():
            raise SpecError(
                Code.UNSUPPORTED,
                "a class inside a spec is not part of the spec language",
                name_span(owner.module, node),
                help="define it at the top of the module",
            )
        case _:
            raise SpecError(
                Code.UNSUPPORTED,
                "only variables, constants and methods stand in a spec class",
                owner.module.span(node),
                help="declare one variable on a line: refs: Refcount = 0",
            )


def _check_twice(spec: SpecClass, owner: ClassSymbol, name: str, span: Span) -> None:
    """Refuse a second variable or method of one class with the same name."""
    first = None
    if (owner, name) in spec.by_class:
        first = spec.by_class[owner, name].span
    elif name in spec.fields and spec.fields[name].owner is owner:
        first = spec.fields[name].span
    if first is not None:
        raise SpecError(
            Code.DEFINED_TWICE,
            f"`{name}` is defined twice in `{owner.node.name}`: only one would count",
            span,
            help="rename one of them",
            notes=[Note(first, "the first one")],
        )


def add_mappings(spec: SpecClass, symbol: ClassSymbol, evaluate_int: object) -> None:
    """Give `spec` the methods of `symbol`, which sees states of one of its bases.

    Only @mapping methods and undecorated helpers may stand there, and none may have the
    name of something in `spec`: the behaviour must stay the same.
    """
    span = name_span(symbol.module, symbol.node)
    for base in linearise(symbol)[1:]:
        if base not in spec.order:
            raise SpecError(
                Code.SIGNATURE,
                f"`{symbol.node.name}` sees states of `{base.node.name}`, from which "
                f"`{spec.symbol.node.name}` does not derive",
                span,
                help="derive it from the spec that is mapped, or from one of its bases",
                notes=[Note(spec.symbol.module.span(spec.symbol.node), "the spec")],
            )
    found = collect(symbol, evaluate_int)
    own = [f for f in found.fields.values() if f.owner is symbol]
    if own:
        raise SpecError(
            Code.SIGNATURE,
            f"a class of mappings has no variables, and `{own[0].name}` is one",
            own[0].span,
            help="compute the value from the variables of the spec",
        )
    for name, method in found.methods.items():
        if method.owner is not symbol:
            continue
        if method.role not in ("", "mapping"):
            what = f"it is no place for an @{method.role}"
        elif name in spec.methods or name in spec.fields or name in spec.constants:
            what = f"`{spec.symbol.node.name}` has a `{name}` already"
        else:
            spec.methods[name] = spec.by_class[symbol, name] = method
            continue
        raise SpecError(
            Code.DECORATOR,
            f"a class of mappings adds nothing else to a spec, and {what}",
            method.span,
            help="write @mapping methods, and helpers with names of their own",
        )
    spec.order.insert(0, symbol)


def _assigned(
    spec: SpecClass, owner: ClassSymbol, node: ast.Assign, name: str, value: ast.expr
) -> None:
    """`name = value` in a class: a new default for a field, or a constant."""
    inherited = spec.fields.get(name)
    if inherited is None:
        spec.constants[name] = NameSymbol(owner.module, name, value)
        return
    span = owner.module.span(node.targets[0])
    spec.fields[name] = Field(inherited.owner, name, inherited.annotation, value, span)


def _is_constant(module: Module, annotation: ast.expr) -> bool:
    head = annotation.value if isinstance(annotation, ast.Subscript) else annotation
    if not isinstance(head, ast.Name):
        return False
    symbol = module.names.get(head.id)
    return isinstance(symbol, Known) and symbol.name in ("ClassVar", "Final")


def _check_override(old: Method | None, new: Method) -> None:
    if old is None or old.role == new.role:
        return
    if old.role and not new.role:
        raise SpecError(
            Code.DECORATOR,
            f"`{new.name}` overrides an @{old.role} without saying what it is",
            new.span,
            help=f"write @{old.role} above it",
            notes=[Note(old.span, "the method it overrides")],
        )


def _method(owner: ClassSymbol, node: Function, evaluate_int: object) -> Method:
    role, options, plain = "", Options(), set[str]()
    for decorator in node.decorator_list:
        call = decorator if isinstance(decorator, ast.Call) else None
        head = call.func if call else decorator
        name = _decorator_name(owner.module, head)
        if name in _PLAIN and call is None:
            plain.add(name)
        elif name in ROLES and not role:
            role = name
            options = _options(owner.module, name, decorator, evaluate_int)
        elif name in ROLES:
            raise SpecError(
                Code.DECORATOR,
                f"`{node.name}` is already an @{role}",
                owner.module.span(decorator),
                help="write two methods, with one decorator each",
            )
        else:
            raise SpecError(
                Code.DECORATOR,
                f"`@{ast.unparse(head)}` is not a decorator of the language here",
                owner.module.span(decorator),
                help=suggest(code(head), ROLES | _PLAIN)
                or "a method has one of @action, @process, @init, @invariant, "
                "@transition, @reachable, @temporal, @fairness, @mapping",
            )
    method = Method(
        owner, node, role, options, "property" in plain, "staticmethod" in plain
    )
    _check_form(method)
    return method


def _decorator_name(module: Module, head: ast.expr) -> str:
    if isinstance(head, ast.Name):
        symbol: Symbol | None = lookup(module, head.id, module.span(head))
    elif isinstance(head, ast.Attribute):
        symbol = attribute_symbol(module, head)
    else:
        symbol = None
    if isinstance(symbol, Foreign):
        return ""
    return symbol.name if isinstance(symbol, Known) else ""


def _options(
    module: Module, role: str, node: ast.expr, evaluate_int: object
) -> Options:
    call = node if isinstance(node, ast.Call) else None
    if role == "fairness":
        return _fairness_options(module, node, call)
    if role == "mapping":
        return _mapping_options(module, node, call)
    if call is None:
        return Options()
    if call.args:
        raise SpecError(
            Code.DECORATOR,
            f"@{role} takes options by name only",
            module.span(call.args[0]),
            help=_option_help(role),
        )
    found: dict[str, object] = {}
    for keyword in call.keywords:
        name = keyword.arg or "**"
        if name not in _OPTIONS[role]:
            raise SpecError(
                Code.DECORATOR,
                f"@{role} has no option `{name}`",
                module.span(keyword),
                help=suggest(name, _OPTIONS[role]) or _option_help(role),
            )
        found[name] = _option(module, keyword, evaluate_int)
    return Options(
        bool(found.get("daemon", False)),
        int(str(found.get("instances", 1))),
        Expect(found.get("expect", "holds")),
        str(found.get("because", "")),
        Strength(found["fair"]) if "fair" in found else None,
    )


def _fairness_options(
    module: Module, decorator: ast.expr, call: ast.Call | None
) -> Options:
    """What `@fairness("strong", of="driver_core")` says."""
    match call:
        case ast.Call(args=[strength], keywords=[]):
            return Options(fair=_strength(module, strength))
        case ast.Call(
            args=[strength],
            keywords=[ast.keyword(arg="of", value=ast.Constant(value=str(of)) as name)],
        ):
            return Options(
                fair=_strength(module, strength), of=of, of_span=module.span(name)
            )
    raise SpecError(
        Code.DECORATOR,
        "@fairness says how fair, and perhaps to what",
        module.span(decorator),
        help='write @fairness("strong"), or @fairness("weak", of="driver_core")',
    )


def _mapping_options(
    module: Module, decorator: ast.expr, call: ast.Call | None
) -> Options:
    """What `@mapping("owner")` says."""
    match call:
        case ast.Call(args=[ast.Constant(value=str(of)) as name], keywords=[]):
            return Options(of=of, of_span=module.span(name))
    raise SpecError(
        Code.DECORATOR,
        "@mapping names the variable of the abstract spec that it gives a value",
        module.span(decorator),
        help='write @mapping("owner")',
    )


def _strength(module: Module, node: ast.expr) -> Strength:
    for strength in Strength:
        if isinstance(node, ast.Constant) and node.value == strength.value:
            return strength
    raise SpecError(
        Code.DECORATOR,
        f"`{code(node)}` is no kind of fairness",
        module.span(node),
        help=_VALUES["fair"],
    )


def _option_help(role: str) -> str:
    names = sorted(_OPTIONS[role])
    return f"its options are {', '.join(names)}" if names else "it has no options"


def _option(module: Module, keyword: ast.keyword, evaluate_int: object) -> object:
    span = module.span(keyword.value)
    match keyword.arg, keyword.value:
        case "daemon", ast.Constant(value=bool(flag)):
            return flag
        case "because", value:
            text = _text(value)
            if text is not None:
                return text
        case "expect", ast.Name() | ast.Attribute() as node:
            name = node.id if isinstance(node, ast.Name) else node.attr
            if name in ("HOLDS", "VIOLATED"):
                return name.lower()
        case "instances", value:
            assert callable(evaluate_int)
            count = evaluate_int(module, value)
            if count >= 1:
                return count
        case "fair", value:
            return _strength(module, value).value
        case "floor", value:
            assert callable(evaluate_int)
            states = evaluate_int(module, value)
            if states >= 0:
                return states
    raise SpecError(
        Code.DECORATOR,
        f"`{code(keyword.value)}` is no value for {keyword.arg}=",
        span,
        help=_VALUES[keyword.arg or ""],
    )


_VALUES = {
    "daemon": "write daemon=True or daemon=False",
    "because": "write the reason as a string",
    "expect": "write expect=HOLDS or expect=VIOLATED",
    "instances": "write a whole number from 1",
    "fair": 'write "weak" or "strong"',
    "floor": "write the least number of states that a search must find: floor=1_000",
}


def _text(node: ast.expr) -> str | None:
    """A string constant, possibly added up from several."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        left, right = _text(node.left), _text(node.right)
        return left + right if left is not None and right is not None else None
    return None


def _check_form(method: Method) -> None:
    """Refuse what no decorator or call can make sense of in a `def` line."""
    node, module = method.node, method.module
    arguments = node.args
    extra = arguments.vararg or arguments.kwarg
    if extra is not None:
        raise SpecError(
            Code.SIGNATURE,
            f"`{method.name}` takes any number of arguments",
            module.span(extra),
            help="list the parameters: dev: Device",
        )
    is_async = isinstance(node, ast.AsyncFunctionDef)
    if method.role == "process" and not is_async:
        raise SpecError(
            Code.SIGNATURE,
            f"the process `{method.name}` can never be suspended",
            method.span,
            help=f"write `async def {method.name}`",
        )
    if is_async and method.role not in ("", "process"):
        raise SpecError(
            Code.AWAIT_OUTSIDE,
            f"an @{method.role} is atomic and cannot be async",
            method.span,
            help=f"write `def {method.name}`, or make it a @process",
        )
