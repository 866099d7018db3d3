"""The border to LLVM: from assembly to functions that can be called.

The only module that imports llvmlite, and only when something is to be compiled. A
call goes through ctypes, which lets other Python threads run meanwhile.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

from modelcheck.explore.native.cache import fetch, keep, key_of

LARGE = 2_000
"""From how many lines on a function goes through two passes only."""

EFFORT = 2
"""What LLVM does for fast code, from 0 to 2; tests of many models ask for less."""


@dataclass(frozen=True, slots=True)
class Host:
    """The processor that code is made for."""

    cpu: str
    features: str
    triple: str
    most_lanes: int = 8

    @property
    def lanes(self) -> int:
        """How many states a group has."""
        if self.most_lanes == 1:
            return 1
        wanted = ("+avx512f", "+avx512vl", "+avx512dq")
        return 8 if all(f in self.features.split(",") for f in wanted) else 1


@cache
def host() -> Host:
    """The processor of this machine."""
    import llvmlite.binding as llvm

    llvm.initialize_native_target()
    llvm.initialize_native_asmprinter()
    features = llvm.get_host_cpu_features().flatten()
    return Host(llvm.get_host_cpu_name(), features, llvm.get_default_triple())


def _machine(level: int) -> Any:  # noqa: ANN401 - llvmlite has no types
    import llvmlite.binding as llvm

    here = host()
    target = llvm.Target.from_triple(here.triple)
    return target.create_target_machine(
        cpu=here.cpu, features=here.features, opt=level, jit=True
    )


def translate(text: str, *, inlines: bool = False) -> bytes:
    """The object file for an assembly module.

    With `inlines`, functions that are called are put into those that call them, as
    small ones should be.
    """
    import llvmlite.binding as llvm

    sizes = _sizes(text)
    machine = _machine(min(EFFORT, 1) if max(sizes.values()) > LARGE else EFFORT)
    module = llvm.parse_assembly(text)
    module.triple = host().triple
    module.data_layout = str(machine.target_data)
    if EFFORT:
        _optimise(module, machine, sizes, inlines=inlines)
    return bytes(machine.emit_object(module))


def _optimise(
    module: Any,  # noqa: ANN401 - llvmlite has no types
    machine: Any,  # noqa: ANN401
    sizes: dict[str, int],
    *,
    inlines: bool,
) -> None:
    import llvmlite.binding as llvm

    options = llvm.create_pipeline_tuning_options(speed_level=EFFORT)
    options.loop_unrolling = False
    builder = llvm.create_pass_builder(machine, options)
    if inlines:
        builder.getModulePassManager().run(module, builder)
        return
    for function in module.functions:
        if not function.is_declaration:
            _passes(builder, sizes[function.name]).run(function, builder)


def _passes(builder: Any, size: int) -> Any:  # noqa: ANN401 - llvmlite has no types
    """What to do to a function of `size` instructions.

    The steps of a large model are straight code, written without repetitions: the
    usual passes take longer than all else and gain nothing that can be measured.
    Neither does more than the first level of code generation, for the same reason.
    """
    import llvmlite.binding as llvm

    if size < LARGE:
        return builder.getFunctionPassManager()
    passes = llvm.create_new_function_pass_manager()
    passes.add_sroa_pass()
    passes.add_simplify_cfg_pass()
    return passes


def _sizes(text: str) -> dict[str, int]:
    """The number of lines of each function."""
    parts = f"\n{text}".split("\ndefine ")[1:]
    return {
        part[part.index("@") + 1 : part.index("(")]: part.count("\n") for part in parts
    }


class Library:
    """A translated module in memory; must live as long as its functions are used."""

    def __init__(self, code: bytes) -> None:
        import llvmlite.binding as llvm

        host()
        empty = llvm.parse_assembly("")
        self._engine = llvm.create_mcjit_compiler(empty, _machine(1))
        self._engine.add_object_file(llvm.ObjectFileRef.from_data(code))
        self._engine.finalize_object()

    def function(self, name: str) -> Callable[[int], int]:
        """The function `name`, which takes the address of a context."""
        address = self._engine.get_function_address(name)
        prototype = ctypes.CFUNCTYPE(ctypes.c_uint64, ctypes.c_void_p)
        call: Callable[[int], int] = prototype(address)
        return call


def load(text: str, *, inlines: bool = False) -> Library:
    """The library for an assembly module; translated modules are kept on disk.

    `inlines` is as for `translate`.
    """
    import llvmlite

    from modelcheck import __version__

    here = host()
    versions = __version__, llvmlite.__version__, here.cpu, here.features
    how = f"{EFFORT} inlines" if inlines else f"{EFFORT}"
    key = key_of(*versions, how, text)
    code = fetch(key)
    if code is None:
        code = translate(text, inlines=inlines)
        keep(key, code)
    return Library(code)
