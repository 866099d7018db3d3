"""Transaction commit, without a protocol: what two-phase commit implements.

Source: `transaction_commit/TCommit.tla` of tlaplus/Examples, by Leslie Lamport.
"""

from enum import Enum

from modelcheck import Scalarset, Spec, action, invariant, reachable, require


class RM(Scalarset, size=3):
    """A resource manager."""


class Work(Enum):
    """How far a resource manager is."""

    WORKING = 0
    PREPARED = 1
    COMMITTED = 2
    ABORTED = 3


READY = (Work.PREPARED, Work.COMMITTED)


class TCommit(Spec):
    """Each manager decides by looking at all of them at once."""

    work: dict[RM, Work] = {rm: Work.WORKING for rm in RM}

    @action
    def prepare(self, rm: RM) -> None:
        """A resource manager gets ready."""
        require(self.work[rm] is Work.WORKING)
        self.work[rm] = Work.PREPARED

    @action
    def commit(self, rm: RM) -> None:
        """A prepared manager commits once nobody can be against it."""
        require(self.work[rm] is Work.PREPARED)
        require(all(self.work[other] in READY for other in RM))
        self.work[rm] = Work.COMMITTED

    @action
    def abort(self, rm: RM) -> None:
        """A manager aborts as long as nobody has committed."""
        require(self.work[rm] in (Work.WORKING, Work.PREPARED))
        require(all(self.work[other] is not Work.COMMITTED for other in RM))
        self.work[rm] = Work.ABORTED

    @invariant
    def consistent(self) -> bool:
        """Nobody commits while somebody else aborts."""
        return not (
            any(self.work[rm] is Work.ABORTED for rm in RM)
            and any(self.work[rm] is Work.COMMITTED for rm in RM)
        )

    @reachable
    def everybody_commits(self) -> bool:
        """The transaction can succeed."""
        return all(self.work[rm] is Work.COMMITTED for rm in RM)
