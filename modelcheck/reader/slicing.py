"""A design without some of its variables: a text that can do all that the design does.

Loops over members, lists of them and what counts them depend on how many there are. A
proof for every size leaves such variables out. A test that looks at one of them may
turn out either way; what is assigned to it is forgotten, so that it has any value in
every state; a loop over members that changes nothing else goes round once, for any
member, or not at all. Every run of the design is one of what is left, but for
variables that were left out, whatever the size: an over-approximation, as the
localization reduction of Kurshan ("Computer-Aided Verification of Coordinating
Processes", 1994). So what cannot happen here cannot happen there.

Names are not resolved: whatever has the name of a variable counts as that variable, and
a call may run every function of that name.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass, replace

from modelcheck.reader.facts import (
    CUTTING,
    LOOKING,
    STEPPING,
    Facts,
    Function,
    mentioned,
    role,
)
from modelcheck.reader.member_loops import (
    changed_locals,
    is_local_to_a_round,
    jumps,
    local_maps,
    of_rounds,
)
from modelcheck.reader.source import Source

Rewrite = Callable[[Source], Source]

WIDE = 100
"""A counter whose range depends on the number of members may count to this."""


@dataclass(frozen=True)
class Slice:
    """What is left out of a spec: `dropped` variables, and all but some properties.

    `lists` are the variables that are lists of members of `scalarset`. The range of a
    counter in `counters`, which are kept, goes from the number given there to `WIDE`.
    `rises` says of other integers how often they can be incremented.
    """

    scalarset: str
    dropped: frozenset[str]
    lists: frozenset[str]
    claims: frozenset[str]
    counters: Mapping[str, int]
    rises: Mapping[str, int]


def rewriting(slice_: Slice, facts: Facts) -> Rewrite:
    """What makes of each file of a spec the text without what is left out."""
    stepping = facts.reached(facts.of_role(STEPPING))
    kept = stepping | facts.reached({*slice_.claims, *facts.of_role(CUTTING)})

    def rewrite(source: Source) -> Source:
        rewriter = _Rewriter(slice_, facts, stepping)
        tree = rewriter.module(source.tree, kept)
        return replace(source, tree=ast.fix_missing_locations(tree))

    return rewrite


def changed(slice_: Slice, facts: Facts) -> set[str]:
    """The functions that would not be what they are if the slice were made."""
    rewriter = _Rewriter(slice_, facts, set(facts.functions))
    return {
        name
        for name, bodies in facts.functions.items()
        if any(rewriter.changes(body) for body in bodies)
    }


class _Rewriter(ast.NodeTransformer):
    """Rewrites the functions that steps may run; makes new nodes where it changes."""

    def __init__(self, slice_: Slice, facts: Facts, stepping: set[str]) -> None:
        self._slice = slice_
        self._facts = facts
        self._stepping = stepping
        self._maps: frozenset[str] = frozenset()
        self._rounds: frozenset[str] = frozenset()
        self._readable = {
            name
            for name, type_ in facts.fields.items()
            if self._values(type_) is not None
        }

    def module(self, tree: ast.Module, kept: set[str]) -> ast.Module:
        """The text of a module without twins, and without what nobody needs."""
        body: list[ast.stmt] = []
        for statement in tree.body:
            if isinstance(statement, ast.ClassDef):
                if not any(word.arg == "breaks" for word in statement.keywords):
                    body.append(self._class(statement, kept))
            elif isinstance(statement, Function):
                body.append(self._function(statement))
            else:
                body.append(statement)
        found = ast.Module(body, tree.type_ignores)
        for module, name in _NEEDED.items():
            if not _imports(body, module, name):
                found.body.insert(_after_future(body), _import(module, name))
        return found

    def changes(self, node: Function) -> bool:
        """Whether this function would become another one."""
        new = ast.dump(self._function(_copy(node)))
        return new != ast.dump(node)

    def _class(self, node: ast.ClassDef, kept: set[str]) -> ast.ClassDef:
        body: list[ast.stmt] = []
        for statement in node.body:
            if not isinstance(statement, Function):
                body.append(self._field(statement))
                body += self._any_value(statement)
            elif self._is_kept(statement, kept):
                body.append(self._function(statement))
        node.body = body or [ast.copy_location(ast.Pass(), node)]
        return node

    def _field(self, node: ast.stmt) -> ast.stmt:
        """A field of a class; counters get a range that depends on nothing."""
        match node:
            case ast.AnnAssign(target=ast.Name(id=name)):
                if name in self._slice.counters:
                    lo = ast.Constant(self._slice.counters[name])
                    ends = ast.Call(
                        ast.Name("range", ast.Load()), [lo, ast.Constant(WIDE + 1)], []
                    )
                    parts = ast.Tuple([ast.Name("int", ast.Load()), ends], ast.Load())
                    node.annotation = ast.copy_location(
                        ast.Subscript(
                            ast.Name("Annotated", ast.Load()), parts, ast.Load()
                        ),
                        node.annotation,
                    )
        return node

    def _any_value(self, node: ast.stmt) -> list[ast.stmt]:
        """A method that returns any value of a variable that is left out, if it can."""
        match node:
            case ast.AnnAssign(target=ast.Name(id=name), annotation=annotation):
                values = self._values(annotation)
                if name in self._slice.dropped and values is not None:
                    type_, value = values
                    text = f"def {_ANY}{name}(self):\n    'Any value.'\n    return 0"
                    method = ast.parse(text).body[0]
                    assert isinstance(method, ast.FunctionDef)
                    method.returns = type_
                    method.body[1] = ast.Return(value)
                    for part in ast.walk(method):
                        ast.copy_location(part, node)
                    return [method]
        return []

    def _values(self, annotation: ast.expr) -> tuple[ast.expr, ast.expr] | None:
        """The type of the entries of a variable, and an expression for any of these.

        Where a test may come out either way, so may a choice between None and a value.
        """
        match annotation:
            case ast.Name(id=name) if name in self._facts.classes:
                return annotation, _call("choose", annotation)
            case ast.BinOp(
                left=ast.Name(id=name) as some,
                op=ast.BitOr(),
                right=ast.Constant(value=None),
            ) if name in self._facts.classes:
                none = ast.Constant(value=None)
                return annotation, ast.IfExp(_free(), _call("choose", some), none)
            case (
                ast.Subscript(
                    value=ast.Name(id="dict"), slice=ast.Tuple(elts=[_, entry])
                )
                | ast.Subscript(value=ast.Name(id="set"), slice=entry)
            ):
                return self._values(entry)
        return None

    def _is_kept(self, node: Function, kept: set[str]) -> bool:
        if role(node) in LOOKING and role(node) != "constraint":
            return node.name in self._slice.claims
        return node.name in kept

    def _function(self, node: Function) -> Function:
        if node.name in self._stepping and role(node) not in LOOKING:
            self._maps = frozenset(local_maps(node, self._slice.scalarset))
            self._rounds = frozenset(of_rounds(node))
            node.body = [new for old in node.body for new in self._statement(old)]
        return node

    def _statement(self, node: ast.stmt) -> list[ast.stmt]:
        found: object = self.visit(node)
        return found if isinstance(found, list) else [found]  # type: ignore[list-item]

    # Statements.

    def visit_Assign(self, node: ast.Assign) -> ast.stmt:
        """What is assigned to a variable that is left out is forgotten."""
        if len(node.targets) == 1 and self._is_dropped(node.targets[0]):
            return self._forget(node, node.value)
        self.generic_visit(node)
        return node

    def visit_AugAssign(self, node: ast.AugAssign) -> ast.stmt:
        """As for a plain assignment."""
        if self._is_dropped(node.target):
            return self._forget(node, node.value)
        self.generic_visit(node)
        return node

    def visit_Expr(self, node: ast.Expr) -> ast.stmt:
        """A method call that changes what is left out is not made."""
        match node.value:
            case ast.Call(
                func=ast.Attribute(value=receiver), args=args, keywords=[]
            ) if self._is_dropped(receiver):
                if not any(self._has_calls(arg) for arg in args):
                    return ast.copy_location(ast.Pass(), node)
        self.generic_visit(node)
        return node

    def visit_For(self, node: ast.For) -> ast.stmt | list[ast.stmt]:
        """A loop over members that hardly changes what is kept.

        Rounds that change nothing of it are skipped, but for the last one.
        """
        if not self._is_over_members(node.iter) or self.hinders(node) is not None:
            self.generic_visit(node)
            return node
        body = [new for old in node.body for new in self._statement(old)]
        if all(isinstance(part, ast.Pass) for part in body):
            return ast.copy_location(ast.Pass(), node)
        choice = _call("choose", ast.Name(self._slice.scalarset, ast.Load()))
        first = ast.Assign([node.target], choice)
        if_ = ast.copy_location(ast.If(_free(), [first, *body], []), node)
        ast.fix_missing_locations(if_)
        rounds = 1 + sum(times or 0 for times in self._changes(node.body).values())
        return [if_, *(deepcopy(if_) for _ in range(rounds - 1))]

    def _changes(self, body: Sequence[ast.stmt]) -> dict[str, int | None]:
        """How often a loop may change each variable that is kept; None if often."""
        changes = self._facts.changes(body, self._slice.rises)
        return {x: n for x, n in changes.items() if x not in self._slice.dropped}

    def visit_If(self, node: ast.If) -> ast.stmt:
        """Where both branches do nothing, the test does not matter."""
        is_plain = not self._has_calls(node.test)
        node.test = self.visit(node.test)
        node.body = [new for old in node.body for new in self._statement(old)]
        node.orelse = [new for old in node.orelse for new in self._statement(old)]
        if is_plain and all(
            isinstance(part, ast.Pass) for part in (*node.body, *node.orelse)
        ):
            return ast.copy_location(ast.Pass(), node)
        return node

    def hinders(self, node: ast.For) -> str | None:
        """Why a loop over members has to stay; None if it need not."""
        if self._facts.may_wait(node.body):
            return "a process waits in a loop over members"
        often = sorted(x for x, n in self._changes(node.body).items() if n is None)
        if often:
            return f"a loop over members changes {', '.join(often)}"
        if node.orelse or not isinstance(node.target, ast.Name) or jumps(node.body):
            return "a loop over members has an order"
        changed = frozenset(changed_locals(node.body)) - self._maps - self._rounds
        if not is_local_to_a_round(node.body, node.target.id, changed):
            return "a loop over members carries something from one to the next"
        return None

    def _is_over_members(self, node: ast.expr) -> bool:
        match node:
            case ast.Name(id=name):
                return name == self._slice.scalarset
            case ast.Attribute(attr=attr):
                return attr in self._slice.lists & self._slice.dropped
        return False

    def _forget(self, node: ast.stmt, value: ast.expr) -> ast.stmt:
        """The statement that is left of an assignment: the call in it, if any."""
        call = value.value if isinstance(value, ast.Await) else value
        if isinstance(call, ast.Call) and self._has_calls(call):
            self.generic_visit(call)
            return ast.copy_location(ast.Expr(value), node)
        if self._has_calls(value):
            self.generic_visit(node)
            return node  # it stays, and is refused by whoever looks for it
        return ast.copy_location(ast.Pass(), node)

    def _is_dropped(self, target: ast.expr) -> bool:
        """Whether a target is a variable that is left out, or a part of one."""
        match target:
            case ast.Subscript(value=value, slice=index):
                return self._is_dropped(value) and not self._has_calls(index)
            case ast.Name(id=name):
                return name in self._maps
            case ast.Attribute(value=ast.Name(), attr=attr):
                return attr in self._slice.dropped
        return False

    def _has_calls(self, node: ast.expr) -> bool:
        """Whether a call in an expression may do more than to look."""
        called = self._facts.called([node])
        return bool(self._facts.effects([node])) or self._facts.may_wait(
            [node, *(x for name in called for x in self._facts.functions[name])]
        )

    # Expressions.

    def visit_Attribute(self, node: ast.Attribute) -> ast.expr:
        """What is left out may have another value each time that it is read."""
        return self._read(node, node) or self._inside(node)

    def visit_Subscript(self, node: ast.Subscript) -> ast.expr:
        """So may an entry of a map."""
        match node:
            case ast.Subscript(value=ast.Name(id=name), ctx=ast.Load()) if (
                name in self._maps and not self._has_calls(node.slice)
            ):
                return ast.copy_location(_free(), node)
            case ast.Subscript(value=ast.Attribute() as variable) if (
                not self._has_calls(node.slice)
            ):
                return self._read(node, variable) or self._inside(node)
        return self._inside(node)

    def _read(self, node: ast.expr, variable: ast.Attribute) -> ast.expr | None:
        """The call that takes the place of `node`, which reads a variable; or None."""
        name = variable.attr
        if not isinstance(getattr(node, "ctx", None), ast.Load):
            return None
        if name not in self._slice.dropped & self._readable:
            return None  # It stays, and is refused by whoever looks for it.
        if not isinstance(variable.value, ast.Name):
            return None
        method = ast.Attribute(variable.value, f"{_ANY}{name}", ast.Load())
        return ast.copy_location(ast.Call(method, [], []), node)

    def _inside(self, node: ast.expr) -> ast.expr:
        self.generic_visit(node)
        return node

    def visit_Compare(self, node: ast.Compare) -> ast.expr:
        """A comparison that looks at what is left out may turn out either way."""
        if self._offends(node) and not self._has_calls(node):
            return ast.copy_location(_free(), node)
        self.generic_visit(node)
        return node

    def visit_Call(self, node: ast.Call) -> ast.expr:
        """So may `all` and `any`; nobody waits for what is not known."""
        match node:
            case ast.Call(func=ast.Name(id="all" | "any")):
                if self._offends(node) and not self._has_calls(node):
                    return ast.copy_location(_free(), node)
            case ast.Call(
                func=ast.Name(id="choose"), args=[ast.Attribute() as among]
            ) if self._is_dropped(among):
                return self.visit_Attribute(among)
            case ast.Call(func=ast.Name(id="until"), args=[ast.Lambda() as wait]):
                if self._offends(wait.body):
                    wait.body = ast.copy_location(ast.Constant(value=True), wait.body)
                return node
        self.generic_visit(node)
        return node

    def _offends(self, node: ast.expr) -> bool:
        """Whether an expression looks at what is left out, or beyond one member."""
        allowed: set[ast.AST] = set()
        for part in ast.walk(node):
            match part:
                case ast.Call(func=ast.Name(id="choose"), args=[ast.Name() as among]):
                    allowed.add(among)
                case ast.Attribute(attr=attr) if attr in self._slice.dropped:
                    return True
                case ast.Name(id=name) if name == self._slice.scalarset:
                    if part not in allowed:
                        return True
        called = self._facts.reached(self._facts.called([node]))
        bodies = (b for name in called for b in self._facts.functions[name])
        return any(
            word in self._slice.dropped or word == self._slice.scalarset
            for body in bodies
            if role(body) == ""
            for word in mentioned(body.body)
        ) and not self._has_calls(node)


_ANY = "any_value_of_"


def _copy(node: Function) -> Function:
    found = ast.parse(ast.unparse(node)).body[0]
    assert isinstance(found, Function)
    return found


def _call(name: str, *args: ast.expr) -> ast.Call:
    return ast.Call(ast.Name(name, ast.Load()), list(args), [])


def _free() -> ast.expr:
    """`choose(bool)`."""
    return _call("choose", ast.Name("bool", ast.Load()))


_NEEDED = {"modelcheck": "choose", "typing": "Annotated"}
"""What a text that was rewritten may use, and from where."""


def _imports(body: Sequence[ast.stmt], module: str, wanted: str) -> bool:
    return any(
        isinstance(node, ast.ImportFrom)
        and node.module == module
        and any(name.name == wanted and name.asname is None for name in node.names)
        for node in body
    )


def _import(module: str, name: str) -> ast.stmt:
    return ast.ImportFrom(module, [ast.alias(name, None)], 0, lineno=1, col_offset=0)


def _after_future(body: Sequence[ast.stmt]) -> int:
    """Where an import may stand: behind the docstring and `__future__`."""
    place = 0
    for number, node in enumerate(body):
        is_future = isinstance(node, ast.ImportFrom) and node.module == "__future__"
        is_prose = isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
        if is_future or (is_prose and number == 0):
            place = number + 1
    return place
