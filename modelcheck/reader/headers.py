"""Headers: what the line of a spec class says to the checker, beside its bases."""

from __future__ import annotations

import ast
from dataclasses import dataclass

from modelcheck.model.program import Expect
from modelcheck.model.statements import Span
from modelcheck.reader.errors import Code, SpecError
from modelcheck.reader.modules import ClassSymbol, suggest
from modelcheck.reader.options import Evaluate, Options, option, text_of
from modelcheck.reader.wording import code


@dataclass(frozen=True, slots=True)
class Broken:
    """The name of a property in `breaks=`."""

    name: str
    span: Span


def is_twin(symbol: ClassSymbol) -> bool:
    """Whether a class is a variant of a spec that is broken on purpose."""
    return any(keyword.arg == "breaks" for keyword in symbol.node.keywords)


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
    found = [(node, text_of(node)) for node in nodes]
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


_HEADER = {"deadlock": "expect", "because": "because", "floor": "floor"}
_MODELS = "models"


@dataclass(frozen=True, slots=True)
class Header:
    """What a class says of the deadlock check, if it does, and its floor of states.

    Also the files of the source tree that it models.
    """

    deadlock: Options | None = None
    floor: int = 0
    models: tuple[str, ...] = ()


def header(owner: ClassSymbol, evaluate: Evaluate) -> Header:
    """What the header of a spec class says to the checker."""
    if is_twin(owner):
        broken(owner)
        return Header()
    found: dict[str, object] = {}
    for keyword in owner.node.keywords:
        if keyword.arg == _MODELS:
            continue
        name = _HEADER.get(keyword.arg or "")
        if name is None:
            raise SpecError(
                Code.DECORATOR,
                f"a spec class has no option `{keyword.arg or '**'}`",
                owner.module.span(keyword),
                help=suggest(keyword.arg or "", {*_HEADER, _MODELS, "breaks"})
                or f"write class {owner.node.name}(Spec): or, for a design that is "
                "known to block, (Spec, deadlock=VIOLATED, because='...')",
            )
        as_option = ast.keyword(arg=name, value=keyword.value)
        found[name] = option(owner.module, as_option, evaluate)
    deadlock = None
    if "expect" in found:
        because = str(found.get("because", ""))
        deadlock = Options(expect=Expect(found["expect"]), because=because)
    return Header(deadlock, int(str(found.get("floor", 0))), modelled(owner))


def modelled(owner: ClassSymbol) -> tuple[str, ...]:
    """The files that the header of `owner` says it models; raises MC110 for others.

    They are written like the `F:` lines of MAINTAINERS: paths from the top of the tree,
    `/` at the end for all that is in a folder and below it, `*` and `?` within a name.
    """
    values = [each.value for each in owner.node.keywords if each.arg == _MODELS]
    nodes = [
        node
        for value in values
        for node in (value.elts if isinstance(value, ast.Tuple) else [value])
    ]
    for node in nodes:
        if not _is_tree_path(text_of(node)):
            raise SpecError(
                Code.DECORATOR,
                f"`{code(node)}` is no path of a source tree",
                owner.module.span(node),
                help="write it from the top of the tree, several in parentheses: "
                "models=('drivers/iommu/iommu.c', 'drivers/iommu/iommufd/')",
            )
    return tuple(text for node in nodes if (text := text_of(node)))


def _is_tree_path(text: str | None) -> bool:
    if not text or text.startswith("/"):
        return False
    return not {"", ".", ".."} & set(text.removesuffix("/").split("/"))
