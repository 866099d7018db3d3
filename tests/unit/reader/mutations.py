"""Mutations of specs: texts that are almost right, as people write them.

`mutants` gives an endless, reproducible stream. A mutant changes a line, a few tokens
or a few nodes of a spec; what is put in comes from the other specs and from a list of
things that have no business in a spec.
"""

from __future__ import annotations

import ast
import io
import tokenize
import warnings
from collections.abc import Callable, Iterator, Sequence
from copy import deepcopy
from random import Random

EXPRESSIONS = [
    "None",
    "True",
    "False",
    "0",
    "1",
    "-1",
    "2**70",
    "1.5",
    "'text'",
    "b'x'",
    "...",
    "()",
    "[]",
    "{}",
    "set()",
    "[0]",
    "{0}",
    "(1,",
    "2)",
    "self",
    "self.nothing",
    "nothing",
    "nothing.nothing",
    "int",
    "bool",
    "str",
    "float",
    "object",
    "list",
    "dict",
    "super()",
    "print",
    "Device",
    "Device.NONE",
    "len(Device)",
    "len()",
    "choose()",
    "choose(Device)",
    "choose(int)",
    "choose(bool)",
    "choose(set())",
    "choose(range(3))",
    "require(True)",
    "range(3)",
    "range(-3)",
    "range(10,0,-1)",
    "self()",
    "self[0]",
    "x[0]",
    "x.y",
    "x()",
    "x()()",
    "{0:1}",
    "{**{}}",
    "[*[1]]",
    "set([1])",
    "all([])",
    "any([])",
    "sum([])",
    "min()",
    "max([])",
    "int()",
    "bool()",
    "dict()",
    "tuple(Device)",
    "list(Device)",
    "enumerate(Device)",
    "reversed(Device)",
    "zip(Device,Device)",
    "preempt()",
    "until()",
    "until(1)",
    "Mutex",
    "Mutex()",
    "Length(3)",
    "Length",
    "Annotated",
    "list[Device]",
    "Annotated[int,range(3)]",
    "Annotated[list[Device],Length(2)]",
    "set[Device]",
    "dict[Device,bool]",
    "tuple[bool,bool]",
    "tuple[()]",
    "tuple[bool,...]",
    "Device|None",
    "bool|int",
    "None|None",
    "-True",
    "~1",
    "not(1)",
    "1//0",
    "1%0",
    "1<<3",
    "2**3",
    "1@2",
    "1/2",
    "1<2<3",
    "1if(True)else(None)",
    "f'{1}'",
    "(y:=1)",
    "(yield)",
    "1j",
    "set[set[bool]]",
    "frozenset[bool]",
    "replace(self)",
    "replace()",
    "abs(1)",
    "abs()",
    "isinstance(1,int)",
    "self.mutex",
    "self.mutex.locked()",
    "self.mutex.acquire()",
    "super",
    "super().x()",
    "super().x",
    "Spec",
    "Scalarset",
    "Enum",
    "Enum()",
    "Device()",
    "Device(0)",
    "HOLDS",
    "VIOLATED",
    "choose({1,2})",
    "choose([])",
    "choose(x)",
    "choose(None)",
    "choose(self.nothing)",
    "Annotated[list[bool],Length(-1)]",
    "Annotated[int,range(5,1)]",
    "Annotated[int]",
    "Annotated[int,range(0,10**9)]",
    "Annotated[int,range()]",
    "Annotated[list,Length(1)]",
    "set[Annotated[int,range(0,10**9)]]",
    "dict[set[bool],bool]",
    "10**9",
    "True+True",
    "True<2",
]
EXPRESSIONS += [
    "lambda: 0",
    "lambda x: x",
    "lambda: await preempt()",
    "await preempt()",
    "await until(lambda: True)",
    "await until(lambda: False)",
    "await x",
    "await self.mutex.acquire()",
    "x for x in Device",
    "{x for x in Device}",
    "[x for x in Device]",
    "{x: x for x in Device}",
    "{x: x for x in Device if x is Device}",
    "all(x is x for x in Device)",
    "any(x for x in range(3) for y in Device if y)",
    "sum(1 for _ in Device)",
    "1 in Device",
    "1 in range(3)",
    "1 is 1",
    "None is None",
    "x is not None",
    "'a' in 'b'",
    "1 if self else 2",
    "self is self",
    "self == self",
]
STATEMENTS = [
    "pass",
    "x = 1",
    "x: int = 1",
    "x: bool",
    "x += 1",
    "x = y = 1",
    "x, y = 1, 2",
    "x, *y = 1, 2",
    "[x, y] = 1, 2",
    "self.x = 1",
    "self = 1",
    "del x",
    "return",
    "return 1",
    "return None",
    "return self",
    "break",
    "continue",
    "global x",
    "nonlocal x",
    "import os",
    "from os import *",
    "from modelcheck import *",
    "from .x import y",
    "from . import y",
    "import os.path as p",
    "assert 1",
    "assert False, 'no'",
    "assert True, f'{self}'",
    "raise ValueError",
    "def f(): pass",
    "def f(self): pass",
    "def f(self) -> bool: return self.f()",
    "@property\ndef f(self) -> bool: return True",
    "@staticmethod\ndef f(x: bool) -> bool: return x",
    "async def f(self) -> None: await self.f()",
    "async def f(self, *x, **y) -> None: pass",
    "@process\nasync def f(self) -> None: pass",
    "@process\nasync def f(self) -> None:\n    while True: pass",
    "@action\ndef f(self, x) -> None: pass",
    "@action\ndef f() -> None: pass",
    "@invariant\ndef f(self): pass",
    "@invariant\ndef f() -> bool: return True",
    "@transition\ndef f(self, after: Self) -> bool: return after == self",
    "@temporal\ndef f(self): pass",
    "@init\ndef f(self, x: bool) -> None: pass",
    "class C: pass",
    "class C(Spec): pass",
    "class C(C): pass",
    "class C(Enum): pass",
    "class C(Enum):\n    A = 0\n    def f(self): pass",
    "class C(Scalarset): pass",
    "class C(Scalarset, size=0): pass",
    "class C(Scalarset, size=len(C)): pass",
    "@dataclass\nclass C:\n    x: bool",
    "@dataclass(frozen=True)\nclass C:\n    x: bool\n    y: 'C'",
    "for x in Device: pass",
    "for x in range(3): break",
    "for x, y in Device: pass",
    "for self in Device: pass",
    "for self.x in Device: pass",
    "for x in []: pass",
    "for x in x: pass",
    "while True: pass",
    "while x: await preempt()",
    "while True: break",
    "while True: continue",
    "async with self.mutex: pass",
    "async with self.mutex: return",
    "async with x as y: pass",
    "async with self.mutex, self.mutex: await preempt()",
    "with x: pass",
    "async for x in Device: pass",
    "if x: x = 1",
    "if self: return",
    "match x:\n    case 1: pass",
    "try: pass\nfinally: pass",
    "require(False)",
    "require()",
    "assume(self)",
    "await preempt()",
    "await preempt(1)",
    "await until(True)",
    "self.x.append(1)",
    "self.x.add(self.x)",
    "super().f()",
    "f()",
    "'doc'",
    "x",
    "...",
]
TOKENS = [
    "(",
    ")",
    "[",
    "]",
    "{",
    "}",
    ",",
    ":",
    ".",
    "=",
    "==",
    "!=",
    "<",
    "<=",
    "is",
    "not",
    "in",
    "and",
    "or",
    "if",
    "else",
    "for",
    "while",
    "def",
    "async",
    "await",
    "class",
    "return",
    "yield",
    "lambda",
    "None",
    "True",
    "False",
    "self",
    "0",
    "1",
    "999999",
    "-1",
    "+",
    "-",
    "*",
    "//",
    "%",
    "@",
    "|",
    "&",
    "^",
    "~",
    "**",
    ":=",
    "->",
    "\\",
    ";",
    "int",
    "bool",
    "str",
    "set",
    "dict",
    "list",
    "tuple",
    "...",
    "'x'",
    "1.0",
    "#",
    "\n",
    "\t",
    "é",
    "x",
]

Mutation = Callable[[str, Random, Sequence[str]], str]


def mutants(seeds: Sequence[str], random: Random) -> Iterator[str]:
    """An endless stream of mutants of the texts `seeds`."""
    while True:
        text = random.choice(seeds)
        for _ in range(random.choice((1, 1, 1, 2, 3))):
            text = random.choice(_MUTATIONS)(text, random, seeds)
        yield text


def _change_lines(text: str, random: Random, seeds: Sequence[str]) -> str:
    """Delete, repeat, swap, move, indent or borrow a line."""
    lines = text.splitlines()
    if not lines:
        return text
    at, other = random.randrange(len(lines)), random.randrange(len(lines))
    match random.randrange(6):
        case 0:
            del lines[at]
        case 1:
            lines.insert(other, lines[at])
        case 2:
            lines[at], lines[other] = lines[other], lines[at]
        case 3:
            lines.insert(other, lines.pop(at))
        case 4:
            lines[at] = random.choice(("    " + lines[at], lines[at][4:]))
        case 5:
            lines.insert(at, random.choice(random.choice(seeds).splitlines()))
    return "\n".join(lines) + "\n"


def _change_tokens(text: str, random: Random, _: Sequence[str]) -> str:
    """Delete, repeat, swap or replace a token; the blanks around it stay."""
    try:
        tokens = [
            t
            for t in tokenize.generate_tokens(io.StringIO(text).readline)
            if t.string.strip() and t.start[0] == t.end[0]
        ]
    except (tokenize.TokenError, SyntaxError):
        return text
    if not tokens:
        return text
    one, two = random.choice(tokens), random.choice(tokens)
    match random.randrange(5):
        case 0:
            return _put(text, one, "")
        case 1:
            return _put(text, one, f"{one.string} {one.string}")
        case 2:
            if one.start < two.start:
                one, two = two, one
            return _put(_put(text, one, two.string), two, one.string)
        case 3:
            return _put(text, one, two.string)
    return _put(text, one, random.choice(TOKENS))


def _put(text: str, token: tokenize.TokenInfo, new: str) -> str:
    lines = text.splitlines(keepends=True)
    line = lines[token.start[0] - 1]
    lines[token.start[0] - 1] = line[: token.start[1]] + new + line[token.end[1] :]
    return "".join(lines)


def _parsed(text: str) -> ast.Module | None:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def _change_nodes(text: str, random: Random, seeds: Sequence[str]) -> str:
    """Replace an expression, or delete, repeat or replace a statement."""
    tree, donor = _parsed(text), _parsed(random.choice(seeds))
    if tree is None or donor is None:
        return text
    change = random.choice((_new_expression, _new_expression, _new_statement))
    change(tree, donor, random)
    try:
        return ast.unparse(ast.fix_missing_locations(tree)) + "\n"
    except (AttributeError, ValueError, RecursionError, TypeError, KeyError):
        return text


def _new_expression(tree: ast.Module, donor: ast.Module, random: Random) -> None:
    places = list(_places(tree, ast.expr))
    node, name, index = random.choice(places)
    if random.randrange(2):
        new = random.choice([n for n in ast.walk(donor) if isinstance(n, ast.expr)])
    else:
        made = _parsed(random.choice(EXPRESSIONS))
        if made is None or not isinstance(made.body[0], ast.Expr):
            return
        new = made.body[0].value
    _replace(node, name, index, [deepcopy(new)])


def _new_statement(tree: ast.Module, donor: ast.Module, random: Random) -> None:
    places = list(_places(tree, ast.stmt))
    node, name, index = random.choice(places)
    old = getattr(node, name)[index]
    made = _parsed(random.choice(STATEMENTS))
    given = [n for n in ast.walk(donor) if isinstance(n, ast.stmt)]
    borrowed = deepcopy(random.choice(given))
    new = made.body[0] if made is not None else ast.Pass()
    choices: list[list[ast.AST]] = [
        [],
        [old, deepcopy(old)],
        [new],
        [new, old],
        [old, new],
        [borrowed],
        [old, borrowed],
    ]
    _replace(node, name, index, random.choice(choices) or [ast.Pass()])


def _places(
    tree: ast.Module, kind: type[ast.AST]
) -> Iterator[tuple[ast.AST, str, int | None]]:
    for node in ast.walk(tree):
        for name, value in ast.iter_fields(node):
            if isinstance(value, kind):
                yield node, name, None
            elif isinstance(value, list):
                for index, item in enumerate(value):
                    if isinstance(item, kind):
                        yield node, name, index


def _replace(node: ast.AST, name: str, index: int | None, new: list[ast.AST]) -> None:
    if index is None:
        setattr(node, name, new[0])
    else:
        getattr(node, name)[index : index + 1] = new


_MUTATIONS: tuple[Mutation, ...] = (
    _change_lines,
    _change_tokens,
    _change_nodes,
    _change_nodes,
    _change_nodes,
)
