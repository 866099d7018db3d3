"""Two-phase commit, where whoever is prepared learns what was decided."""

from typing import Self

from two_phase import RM, Decision, TwoPhase, Work

from modelcheck import Formula, every, fairness, leads_to, temporal


class TwoPhaseLive(TwoPhase):
    """The manager decides some day, and messages are read some day."""

    @fairness("weak")
    def decides(self, after: Self) -> bool:
        """The manager does not put its decision off for ever."""
        return self.decision is Decision.INIT and after.decision is not Decision.INIT

    @fairness("weak", of="hear_commit")
    def hears_commit(self, after: Self, rm: RM) -> bool:
        """A resource manager reads that it shall commit."""
        return after.work[rm] is Work.COMMITTED

    @fairness("weak", of="hear_abort")
    def hears_abort(self, after: Self, rm: RM) -> bool:
        """A resource manager reads that it shall abort."""
        return after.work[rm] is Work.ABORTED

    @temporal
    def decided(self) -> Formula:
        """Once somebody is prepared, the manager decides."""
        return leads_to(
            any(self.work[rm] is Work.PREPARED for rm in RM),
            self.decision is not Decision.INIT,
        )

    @temporal
    def settles(self) -> Formula:
        """Whoever is prepared commits or aborts."""
        return every(
            leads_to(
                self.work[rm] is Work.PREPARED,
                self.work[rm] is Work.COMMITTED or self.work[rm] is Work.ABORTED,
            )
            for rm in RM
        )
