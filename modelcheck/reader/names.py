"""Names and attributes: the values that they denote."""

from __future__ import annotations

import ast
import builtins

from modelcheck.model import terms as t
from modelcheck.model.statements import Check, Mark, MarkKind
from modelcheck.model.types import EnumType, OptionalType, RecordType, Type
from modelcheck.reader.context import Context, Frame, Purpose
from modelcheck.reader.errors import Code, SpecError
from modelcheck.reader.modules import (
    BUILTINS,
    ClassSymbol,
    Foreign,
    Module,
    NameSymbol,
    Symbol,
    lookup,
    suggest,
    unknown_name,
)
from modelcheck.reader.refusals import floats, foreign, strings
from modelcheck.reader.values import (
    NOTHING,
    Value,
    bool_value,
    constant,
    int_value,
    items_of,
    unwrap,
)
from modelcheck.reader.wording import attribute_name, code, describe, samples


class Names(Context):
    """The part of `Lowering` for names and attributes."""

    def unsupported(self, node: ast.AST, what: str, help_: str = "") -> Exception:
        """The error for Python that the language leaves out."""
        return self.error(
            Code.UNSUPPORTED,
            f"{what} is not part of the spec language",
            node,
            help_ or "docs/language.md lists what a spec can say",
        )

    def _constant(self, node: ast.Constant) -> Value:
        match node.value:
            case bool(flag):
                return bool_value(t.boolean(flag))
            case int(number):
                return int_value(t.const(number))
            case None:
                return NOTHING
            case float() | complex():
                raise floats(self.span(node))
            case str() | bytes():
                raise strings(self.span(node))
        raise self.unsupported(node, "this constant")

    def _name(self, node: ast.Name) -> Value:
        frame = self.frame
        if node.id in frame.locals:
            return self._local(node, frame)
        if node.id in frame.views:
            raise self.unsupported(
                node,
                f"`{node.id}` on its own",
                f"use its variables: {node.id}.{next(iter(self.world.fields), 'name')}",
            )
        symbol = self.symbol(node)
        if isinstance(symbol, NameSymbol):
            return self.constant_of(symbol, node)
        raise self.not_a_value(symbol, node)

    def _local(self, node: ast.Name, frame: Frame) -> Value:
        local = frame.locals[node.id]
        if frame.assigned is not None and node.id not in frame.assigned:
            raise self.error(
                Code.UNKNOWN_NAME,
                f"`{node.id}` may have no value here",
                node,
                help_=f"assign it on every way to this line: {node.id} = ... before "
                "the branch or loop",
            )
        if local.value is not None:
            return local.value
        assert local.place is not None
        return local.place.read()

    def symbol(self, node: ast.Name) -> Symbol:
        """What a global name stands for; raises MC102 if nothing."""
        module, span = self.frame.module, self.span(node)
        if node.id not in module.names:
            if node.id in BUILTINS:
                return lookup(module, node.id, span)
            if hasattr(builtins, node.id):
                raise self.no_builtin(node.id, node)
            raise self._unknown(node)
        return module.names[node.id]

    def no_builtin(self, name: str, node: ast.AST) -> SpecError:
        """The error for a name of Python that is not in the language."""
        if name == "float":
            raise floats(self.span(node))
        if name == "str":
            raise strings(self.span(node))
        return self.error(
            Code.BUILTIN,
            f"`{name}` is not part of the spec language",
            node,
            help_=_INSTEAD.get(name) or f"the functions are {_USABLE}",
        )

    def _unknown(self, node: ast.Name) -> SpecError:
        """The error for a name that nothing defines."""
        spec, name = self.world.spec, node.id
        error = unknown_name(
            name, self.span(node), self.frame.module, self.frame.locals
        )
        is_inside = bool(self.frame.receiver)
        if name in spec.fields and not is_inside:
            error.help = "a default reads no other variable: set it in an @init method"
        elif name in spec.fields or (name in spec.methods and is_inside):
            error.help = f"write {self.frame.receiver or 'self'}.{name}"
        error.notes.extend(self.error(Code.UNKNOWN_NAME, "", node).notes)
        return error

    def constant_of(
        self, symbol: NameSymbol, node: ast.expr, expect: Type | None = None
    ) -> Value:
        """The value of a constant at the top of a module or class, or of a default."""
        if any(frame.function is symbol.value for frame in self.frames):
            raise self.error(
                Code.RECURSION,
                f"`{symbol.name}` is defined by itself",
                node,
                help_="write a value that does not depend on it",
            )
        frame = Frame(symbol.name, symbol.module, None, symbol.value, node)
        self.frames.append(frame)
        purpose, self.purpose = self.purpose, Purpose.CONSTANT
        try:
            value = self.expression(symbol.value, expect)
            if not value.is_const:
                raise self.not_constant(symbol.value)
        finally:
            self.frames.pop()
            self.purpose = purpose
        return value

    def not_constant(self, node: ast.expr) -> Exception:
        """The error for an expression that must be known before the run."""
        return self.error(
            Code.NOT_CONSTANT,
            "this must be known before the run",
            node,
            help_="write it with numbers, constants and len() of a class",
        )

    def not_a_value(self, symbol: Symbol, node: ast.expr) -> Exception:
        """The error for a name that is no data: a function, a module, a class."""
        if isinstance(symbol, Foreign):
            return foreign(symbol.module, self.span(node))
        text = code(node)
        if isinstance(symbol, ClassSymbol) and symbol in self.world.spec.order:
            help_ = "write self.name, or super().name() for what a base class does"
        elif isinstance(symbol, ClassSymbol):
            help_ = f"write a value: choose({text}), or one given as a parameter"
        elif isinstance(symbol, Module):
            help_ = f"write {text}.NAME"
        else:
            help_ = f"`{text}` can be called, not kept"
        return self.unsupported(node, f"`{text}` as a value", help_)

    def receiver_of(self, node: ast.expr) -> bool | None:
        """False for `self`, True for the `after` of a transition, None otherwise."""
        if isinstance(node, ast.Name) and node.id not in self.frame.locals:
            return self.frame.views.get(node.id)
        return None

    def class_symbol(self, node: ast.expr) -> ClassSymbol | None:
        """The class that `node` names, if it names one."""
        if isinstance(node, ast.Name) and node.id not in self.frame.locals:
            found = self.frame.module.names.get(node.id)
            return found if isinstance(found, ClassSymbol) else None
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            module = self.frame.module.names.get(node.value.id)
            if isinstance(module, Module):
                found = module.names.get(node.attr)
                return found if isinstance(found, ClassSymbol) else None
        return None

    def _attribute(self, node: ast.Attribute) -> Value:
        is_after = self.receiver_of(node.value)
        if is_after is not None:
            return self._state(node, is_after=is_after)
        symbol = self.class_symbol(node.value)
        if symbol is not None:
            return self._class_attribute(node, symbol)
        if isinstance(node.value, ast.Name) and node.value.id not in self.frame.locals:
            home = self.symbol(node.value)
            if isinstance(home, Module):
                return self._module_attribute(node, home)
            if not isinstance(home, NameSymbol):
                raise self.not_a_value(home, node)
        value = self.present(self.expression(node.value), node.value)
        if isinstance(value.type_, RecordType):
            names = [name for name, _ in value.type_.fields]
            if node.attr in names:
                return items_of(value)[names.index(node.attr)]
        raise self._no_attribute(node, value.type_)

    def present(self, value: Value, node: ast.AST) -> Value:
        """`value`, checked not to be None where its type would allow it."""
        if not isinstance(value.type_, OptionalType):
            return value
        is_there, item = unwrap(value)
        self.builder.check(
            is_there,
            Check.KEY,
            f"{code(node)} is None",
            self.frame.title,
            self.span(node),
        )
        return item

    def _no_attribute(self, node: ast.Attribute, type_: Type) -> Exception:
        known = [name for name, _ in getattr(type_, "fields", ())]
        has = f"it has {', '.join(known)}" if known else "it has no attributes"
        return self.error(
            Code.UNKNOWN_ATTRIBUTE,
            f"{describe(type_)} has no attribute `{node.attr}`",
            attribute_name(node),
            help_=suggest(node.attr, known) or has,
        )

    def _module_attribute(self, node: ast.Attribute, home: Module) -> Value:
        symbol = home.names.get(node.attr)
        if isinstance(symbol, NameSymbol):
            return self.constant_of(symbol, node)
        if symbol is None:
            name = attribute_name(node)
            raise unknown_name(node.attr, self.span(name), home)
        raise self.not_a_value(symbol, node)

    def _class_attribute(self, node: ast.Attribute, symbol: ClassSymbol) -> Value:
        if symbol in self.world.spec.order:
            constant_ = self.world.spec.constant_of(symbol, node.attr)
            if constant_ is not None:
                return self.constant_of(constant_, node)
        type_ = self.world.types.of_class(symbol, self.span(node))
        index = self.world.types.enum_member(symbol, node.attr)
        if isinstance(type_, EnumType) and index is not None:
            return constant(type_, (index,))
        known = type_.members if isinstance(type_, EnumType) else ()
        help_ = f"iterate over {symbol.node.name} or choose({symbol.node.name})"
        if isinstance(type_, EnumType):
            help_ = suggest(node.attr, known) or f"write {samples(type_)}"
        elif isinstance(type_, RecordType):
            help_ = f"make a value: {samples(type_)}"
        raise self.error(
            Code.UNKNOWN_ATTRIBUTE,
            f"`{symbol.node.name}` has no member `{node.attr}`",
            attribute_name(node),
            help_,
        )

    def _state(self, node: ast.Attribute, *, is_after: bool) -> Value:
        spec = self.world.spec
        info = self.world.fields.get(node.attr)
        if info is not None:
            if info.is_lock:
                raise self.unsupported(
                    node,
                    "a lock as a value",
                    f"use `async with`, or {code(node)}.locked()",
                )
            if is_after:
                return info.after.read()
            is_point = self.touch(node)
            value = info.now.read()
            return self._read_once(node, value) if is_point else value
        if node.attr in spec.constants:
            return self.constant_of(spec.constants[node.attr], node)
        method = spec.methods.get(node.attr)
        if method is not None and method.is_property:
            return self.invoke(
                method.node, method, method.module, node, is_after=is_after
            )
        if method is not None:
            raise self.unsupported(
                node, f"`{node.attr}` without a call", f"write {code(node)}(...)"
            )
        raise self.no_member(node)

    def _read_once(self, node: ast.Attribute, value: Value) -> Value:
        """`value` as it is at this preemption point, shown in traces."""
        kept = self.builder.keep(value, node.attr)
        shown = (("", kept.type_, kept.shape),)
        self.builder.emit(Mark(MarkKind.READ, node.attr, shown, self.span(node)))
        return kept

    def no_member(self, node: ast.Attribute, *, is_target: bool = False) -> Exception:
        """The error for `self.name` where the spec declares no such name."""
        spec = self.world.spec
        known = [*self.world.fields]
        if not is_target:
            known += [*spec.methods, *spec.constants]
        return self.error(
            Code.UNKNOWN_ATTRIBUTE,
            f"`{spec.symbol.node.name}` declares no `{node.attr}`",
            attribute_name(node),
            help_=suggest(node.attr, known)
            or f"declare it in the class: {node.attr}: bool = False",
        )


_USABLE = "all, any, sum, len, min, max, abs, range, enumerate, set, list, dict, tuple"
_INSTEAD = {
    "print": "a trace shows every step and what it changes; drop the call",
    "input": "a spec does no I/O: choose() gives any value of a type",
    "open": "a spec does no I/O: choose() gives any value of a type",
    "sorted": "loop over a class or a range: its order is fixed",
    "map": "write a comprehension: {f(x) for x in Device}",
    "filter": "write a comprehension: {x for x in Device if test}",
    "zip": "loop over one type and look the other value up in a map",
    "isinstance": "every variable has one type; test a kind field of type Enum",
    "type": "every variable has one type; test a kind field of type Enum",
    "round": "there are only integers: write // for division",
    "pow": "write the product out: x * x",
    "divmod": "write // and %",
    "next": "loop and break, or choose() any of them",
    "iter": "write a for loop",
    "repr": "names are enums: class Phase(Enum): IDLE = 0",
    "format": "names are enums: class Phase(Enum): IDLE = 0",
}
