"""The alternating bit protocol over channels that lose messages.

Source: `SpecifyingSystems/TLC/AlternatingBit.tla` of tlaplus/Examples, by Leslie
Lamport, and the property and the bounds on the channels of `MCAlternatingBit`.
"""

from typing import Annotated

from modelcheck import (
    Formula,
    Length,
    Scalarset,
    Spec,
    action,
    every,
    init,
    leads_to,
    require,
    temporal,
)


class Data(Scalarset, size=2):
    """What is sent."""


Bit = Annotated[int, range(0, 2)]
MOST = 2


class AlternatingBit(Spec):
    """A full channel takes no message, where the original bounds the search."""

    messages: Annotated[list[tuple[Bit, Data]], Length(MOST)] = []
    acks: Annotated[list[Bit], Length(MOST)] = []
    send_bit: Bit
    ack_bit: Bit = 0
    receive_bit: Bit = 0
    sent: Data
    received: Data

    @init
    def nothing_is_open(self) -> None:
        """The last message was acknowledged."""
        self.ack_bit = self.send_bit
        self.receive_bit = self.send_bit

    @action
    def send_new(self, data: Data) -> None:
        """After the acknowledgement, the next message."""
        require(self.ack_bit == self.send_bit)
        require(len(self.messages) < MOST)
        self.sent = data
        self.send_bit = 1 - self.send_bit
        self.messages.append((self.send_bit, data))

    @action(fair="weak")
    def send_again(self) -> None:
        """Before it, the same message."""
        require(self.ack_bit != self.send_bit)
        require(len(self.messages) < MOST)
        self.messages.append((self.send_bit, self.sent))

    @action(fair="strong")
    def receive(self) -> None:
        """A message arrives."""
        require(len(self.messages) > 0)
        self.receive_bit, self.received = self.messages.pop(0)

    @action(fair="weak")
    def send_ack(self) -> None:
        """What came last is acknowledged."""
        require(len(self.acks) < MOST)
        self.acks.append(self.receive_bit)

    @action(fair="strong")
    def receive_ack(self) -> None:
        """An acknowledgement arrives."""
        require(len(self.acks) > 0)
        self.ack_bit = self.acks.pop(0)

    @action
    def lose_message(self, is_first: bool) -> None:
        """The first message or the second is lost."""
        require(len(self.messages) > (0 if is_first else 1))
        if is_first:
            self.messages.pop(0)
        else:
            self.messages.pop()

    @action
    def lose_ack(self, is_first: bool) -> None:
        """The first acknowledgement or the second is lost."""
        require(len(self.acks) > (0 if is_first else 1))
        if is_first:
            self.acks.pop(0)
        else:
            self.acks.pop()

    @temporal
    def sent_leads_to_received(self) -> Formula:
        """What was sent, and is not acknowledged yet, arrives."""
        return every(
            leads_to(
                self.sent is data and self.send_bit != self.ack_bit,
                self.received is data,
            )
            for data in Data
        )
