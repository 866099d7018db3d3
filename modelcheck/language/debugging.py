"""Stepping through a spec with `pdb`, without ever stopping in the scheduler."""

import pdb  # noqa: T100 - this is the debugger
import sys
from bdb import BdbQuit
from collections.abc import Callable
from types import FrameType

from modelcheck.language.suspension import Pause


class StepDebugger(pdb.Pdb):
    """A `pdb` that is entered anew for each step and stops only in the spec's code.

    `continue` runs to the next step (or to a breakpoint in this one), `quit` ends the
    run with `bdb.BdbQuit`.
    """

    def __init__(self) -> None:
        """Make a debugger on the standard streams."""
        super().__init__(skip=["modelcheck.*"], nosigint=True)

    def enter(self, step: Callable[[], None]) -> None:
        """Run one step under the debugger; an `Enter` for `World`.

        Raises `BdbQuit` when the user quits, which `runcall` alone would hide.
        """
        ended: list[bool] = []

        def to_the_end() -> None:
            step()
            ended.append(True)

        self.runcall(to_the_end)
        if not ended:
            raise BdbQuit

    def user_call(self, frame: FrameType, argument_list: None) -> None:
        """Pass over the entry of a function, where pdb would stop.

        Resuming a process enters each coroutine of its chain again; the user wants the
        first line that runs, not each of them.
        """

    def user_return(self, frame: FrameType, return_value: object) -> None:
        """Pass over a suspension, which looks like a return to pdb."""
        if not isinstance(return_value, Pause):
            super().user_return(frame, return_value)

    def is_skipped_module(self, module_name: str | None) -> bool:
        """Tell whether a module belongs to Python or to us rather than to a spec.

        The names given to pdb would not do: between two lines of a spec runs whatever
        our code calls.
        """
        top_level = (module_name or "").partition(".")[0]
        return top_level == "modelcheck" or top_level in sys.stdlib_module_names
