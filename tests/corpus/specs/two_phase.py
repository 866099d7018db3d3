"""Two-phase commit: a transaction manager and the resource managers it coordinates.

Source: `transaction_commit/TwoPhase.tla` of tlaplus/Examples, by Leslie Lamport. The
set of messages is kept as one set of senders and two flags, which is the same graph.
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


class Decision(Enum):
    """What the transaction manager has decided."""

    INIT = 0
    COMMITTED = 1
    ABORTED = 2


class TwoPhase(Spec):
    """Messages are never lost and never removed; receiving twice is allowed."""

    work: dict[RM, Work] = {rm: Work.WORKING for rm in RM}
    decision: Decision = Decision.INIT
    heard: set[RM] = set()
    prepared_sent: set[RM] = set()
    commit_sent: bool = False
    abort_sent: bool = False

    @action
    def hear_prepared(self, rm: RM) -> None:
        """The manager receives that `rm` is prepared."""
        require(self.decision is Decision.INIT)
        require(rm in self.prepared_sent)
        self.heard.add(rm)

    @action
    def decide_commit(self) -> None:
        """Everybody is prepared: commit."""
        require(self.decision is Decision.INIT)
        require(all(rm in self.heard for rm in RM))
        self.decision = Decision.COMMITTED
        self.commit_sent = True

    @action
    def decide_abort(self) -> None:
        """The manager may give up at any time before it has decided."""
        require(self.decision is Decision.INIT)
        self.decision = Decision.ABORTED
        self.abort_sent = True

    @action
    def prepare(self, rm: RM) -> None:
        """A resource manager is ready and says so."""
        require(self.work[rm] is Work.WORKING)
        self.work[rm] = Work.PREPARED
        self.prepared_sent.add(rm)

    @action
    def choose_to_abort(self, rm: RM) -> None:
        """A resource manager gives up on its own."""
        require(self.work[rm] is Work.WORKING)
        self.work[rm] = Work.ABORTED

    @action
    def hear_commit(self, rm: RM) -> None:
        """A resource manager is told to commit."""
        require(self.commit_sent)
        self.work[rm] = Work.COMMITTED

    @action
    def hear_abort(self, rm: RM) -> None:
        """A resource manager is told to abort."""
        require(self.abort_sent)
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
        """The protocol can succeed."""
        return all(self.work[rm] is Work.COMMITTED for rm in RM)
