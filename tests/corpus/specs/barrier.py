"""An abstract barrier: everybody arrives, then everybody leaves at once.

Source: `barriers/Barrier.tla` of tlaplus/Examples, by Jarod Differdange.
"""

from modelcheck import Scalarset, Spec, action, reachable, require


class Proc(Scalarset, size=6):
    """A process that uses the barrier."""


class Barrier(Spec):
    """Two control points for each process: before and at the barrier."""

    arrived: dict[Proc, bool] = {proc: False for proc in Proc}

    @action
    def arrive(self, proc: Proc) -> None:
        """A process comes to the barrier and waits."""
        require(not self.arrived[proc])
        self.arrived[proc] = True

    @action
    def leave(self) -> None:
        """All have arrived: all leave."""
        require(all(self.arrived[proc] for proc in Proc))
        self.arrived = {proc: False for proc in Proc}

    @reachable
    def all_wait(self) -> bool:
        """The barrier fills up."""
        return all(self.arrived[proc] for proc in Proc)
