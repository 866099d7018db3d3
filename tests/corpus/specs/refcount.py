"""A reference count that leaves its range, upwards and downwards."""

from typing import Annotated

from modelcheck import Spec, action, reachable, require

MOST = 3
Refcount = Annotated[int, range(0, MOST + 1)]


class Refcounting(Spec):
    """Both actions look before they count."""

    count: Refcount = 0

    @action
    def get(self) -> None:
        """Take a reference."""
        require(self.count < MOST)
        self.count += 1

    @action
    def put(self) -> None:
        """Drop a reference."""
        require(self.count > 0)
        self.count -= 1

    @reachable
    def saturated(self) -> bool:
        """All references can be taken."""
        return self.count == MOST


class TooMany(Refcounting):
    """Nobody looks whether one more reference fits."""

    @action
    def get(self) -> None:
        """Take a reference."""
        self.count += 1


class TooFew(Refcounting):
    """Nobody looks whether there is a reference to drop."""

    @action
    def put(self) -> None:
        """Drop a reference."""
        self.count -= 1
