"""A buffer that is freed twice: an assertion in the action fails."""

from enum import Enum

from modelcheck import Scalarset, Spec, action, reachable, require


class User(Scalarset, size=2):
    """Somebody who may hold a pointer to the buffer."""


class Buffer(Enum):
    """The state of the memory."""

    UNUSED = 0
    ALLOCATED = 1
    FREED = 2


class DoubleFree(Spec):
    """A pointer can be passed on; whoever has one may free what it points to."""

    buffer: Buffer = Buffer.UNUSED
    pointer: dict[User, bool] = {user: False for user in User}

    @action
    def allocate(self, user: User) -> None:
        """Somebody gets a fresh buffer."""
        require(self.buffer is Buffer.UNUSED)
        self.buffer = Buffer.ALLOCATED
        self.pointer[user] = True

    @action
    def share(self, owner: User, receiver: User) -> None:
        """The pointer is copied."""
        require(self.pointer[owner])
        require(not self.pointer[receiver])
        self.pointer[receiver] = True

    @action
    def free(self, user: User) -> None:
        """The buffer is freed; only the own pointer is forgotten."""
        require(self.pointer[user])
        assert self.buffer is Buffer.ALLOCATED, "freed twice"
        self.buffer = Buffer.FREED
        self.pointer[user] = False

    @reachable
    def dangling(self) -> bool:
        """A pointer can be left to a freed buffer."""
        freed = self.buffer is Buffer.FREED
        return freed and any(self.pointer[user] for user in User)
