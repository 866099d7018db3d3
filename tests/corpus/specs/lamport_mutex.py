"""Lamport's mutual exclusion among processes that exchange time-stamped messages.

Source: `lamport_mutex/LamportMutex.tla` (MCLamportMutex.cfg: N = 3, clocks up to 6) of
tlaplus/Examples, by Stephan Merz.
"""

from dataclasses import dataclass
from enum import Enum
from typing import Annotated

from modelcheck import (
    Length,
    Scalarset,
    Spec,
    action,
    constraint,
    invariant,
    reachable,
    require,
)


class Proc(Scalarset, size=3, symmetric=False):
    """A process; of two requests with one time stamp the smaller process's is first."""


class Kind(Enum):
    """The kinds of messages."""

    REQUEST = 0
    ACK = 1
    RELEASE = 2


MAX_CLOCK = 6
Clock = Annotated[int, range(1, MAX_CLOCK + 2)]
Stamp = Annotated[int, range(0, MAX_CLOCK + 2)]


@dataclass(frozen=True)
class Message:
    """What is sent, with the time stamp of a request and 0 otherwise."""

    kind: Kind
    stamp: Stamp


Channel = Annotated[list[Message], Length(3)]
ACK = Message(Kind.ACK, 0)
RELEASE = Message(Kind.RELEASE, 0)


class LamportMutex(Spec):
    """`channel[(p, q)]` are the messages on their way from p to q, in order."""

    clock: dict[Proc, Clock] = {p: 1 for p in Proc}
    requests: dict[tuple[Proc, Proc], Stamp] = {(p, q): 0 for p in Proc for q in Proc}
    acked: dict[Proc, set[Proc]] = {p: set() for p in Proc}
    channel: dict[tuple[Proc, Proc], Channel] = {(p, q): [] for p in Proc for q in Proc}
    critical: set[Proc] = set()

    def broadcast(self, sender: Proc, message: Message) -> None:
        """Send `message` to all others."""
        for receiver in Proc:
            if receiver is not sender:
                self.channel[(sender, receiver)].append(message)

    def is_before(self, p: Proc, q: Proc) -> bool:
        """Whether, as far as `p` knows, its request comes before the one of `q`."""
        own = self.requests[(p, p)]
        others = self.requests[(p, q)]
        return others == 0 or own < others or (own == others and p < q)

    @action
    def request(self, p: Proc) -> None:
        """Ask everybody for the critical section."""
        require(self.requests[(p, p)] == 0)
        self.requests[(p, p)] = self.clock[p]
        self.broadcast(p, Message(Kind.REQUEST, self.clock[p]))
        self.acked[p] = {p}

    @action
    def receive_request(self, p: Proc, q: Proc) -> None:
        """Note the request of `q`, advance the clock and acknowledge."""
        require(len(self.channel[(q, p)]) > 0)
        message = self.channel[(q, p)].pop(0)
        require(message.kind is Kind.REQUEST)
        self.requests[(p, q)] = message.stamp
        self.clock[p] = max(message.stamp, self.clock[p]) + 1
        self.channel[(p, q)].append(ACK)

    @action
    def receive_ack(self, p: Proc, q: Proc) -> None:
        """Note that `q` knows of the own request."""
        require(len(self.channel[(q, p)]) > 0)
        message = self.channel[(q, p)].pop(0)
        require(message.kind is Kind.ACK)
        self.acked[p].add(q)

    @action
    def receive_release(self, p: Proc, q: Proc) -> None:
        """Forget the request of `q`."""
        require(len(self.channel[(q, p)]) > 0)
        message = self.channel[(q, p)].pop(0)
        require(message.kind is Kind.RELEASE)
        self.requests[(p, q)] = 0

    @action
    def enter(self, p: Proc) -> None:
        """Enter when everybody knows, and nobody asked earlier; again while inside."""
        require(all(q in self.acked[p] for q in Proc))
        require(all(q is p or self.is_before(p, q) for q in Proc))
        self.critical.add(p)

    @action
    def leave(self, p: Proc) -> None:
        """Leave and tell everybody."""
        require(p in self.critical)
        self.critical.remove(p)
        self.broadcast(p, RELEASE)
        self.requests[(p, p)] = 0
        self.acked[p] = set()

    @constraint
    def clocks_are_small(self) -> bool:
        """Clocks beyond `MAX_CLOCK` are not looked at."""
        return all(self.clock[p] <= MAX_CLOCK for p in Proc)

    @invariant
    def mutual_exclusion(self) -> bool:
        """At most one process is in the critical section."""
        return len(self.critical) <= 1

    @reachable
    def last_process_enters(self) -> bool:
        """The last process can be inside."""
        return any(p in self.critical and all(q <= p for q in Proc) for p in Proc)
