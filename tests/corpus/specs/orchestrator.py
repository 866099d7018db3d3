"""Servers that are taken down and brought up, but never all of them down.

Source: `docs/core/temporal-logic.rst` and `raw-specs/liveness/orchestrator__4.tla` of
hwayne/learntla-v2, by Hillel Wayne.
"""

from typing import Self

from modelcheck import (
    VIOLATED,
    Formula,
    Scalarset,
    Spec,
    action,
    always,
    fairness,
    invariant,
    require,
    some,
    temporal,
)


class Server(Scalarset, size=2):
    """A server."""


class Crashing(Spec):
    """All servers are online initially; the orchestrator may stop at any time."""

    online: set[Server] = set(Server)

    @action
    def start(self, server: Server) -> None:
        """Bring a server up."""
        require(server not in self.online)
        self.online.add(server)

    @action
    def stop(self, server: Server) -> None:
        """Take a server down, but not the last one."""
        require(server in self.online)
        require(len(self.online) > 1)
        self.online.remove(server)

    @action
    def nothing(self) -> None:
        """Nothing happens; in TLA+ that is always possible."""

    @invariant
    def somebody_is_online(self) -> bool:
        """There is always a server online, now this and now that."""
        return len(self.online) > 0

    @temporal(expect=VIOLATED, because="each is taken down some day")
    def one_stays_online(self) -> Formula:
        """There is a server that is always online."""
        return some(always(server in self.online) for server in Server)

    @temporal(expect=VIOLATED, because="nothing happens at all")
    def not_always_all(self) -> Formula:
        """It is not so that all are always online."""
        return ~always(len(self.online) == len(Server))


class Orchestrator(Crashing):
    """The orchestrator does not stop."""

    @fairness("weak")
    def goes_on(self, after: Self) -> bool:
        """A server goes up or down."""
        return after.online != self.online

    @temporal
    def not_always_all(self) -> Formula:
        """It is not so that all are always online."""
        return ~always(len(self.online) == len(Server))
