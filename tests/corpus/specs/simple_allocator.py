"""An allocator that hands out resources to clients as they become free.

Source: `allocator/SimpleAllocator.tla` (3 clients, 2 resources) of tlaplus/Examples, by
Stephan Merz.
"""

from typing import Self

from modelcheck import (
    VIOLATED,
    Formula,
    Scalarset,
    Spec,
    action,
    always,
    eventually,
    every,
    fairness,
    invariant,
    leads_to,
    reachable,
    require,
    temporal,
)


class Client(Scalarset, size=3):
    """Somebody who asks for resources."""


class Resource(Scalarset, size=2):
    """Something that one client at a time can have."""


class Allocator(Spec):
    """Requests may be granted and resources returned piece by piece."""

    unsat: dict[Client, set[Resource]] = {client: set() for client in Client}
    alloc: dict[Client, set[Resource]] = {client: set() for client in Client}

    def is_free(self, resource: Resource) -> bool:
        """Whether nobody has `resource`."""
        return all(resource not in self.alloc[client] for client in Client)

    @action
    def request(self, client: Client, wanted: frozenset[Resource]) -> None:
        """A client that wants and has nothing asks for some resources."""
        require(len(self.unsat[client]) == 0)
        require(len(self.alloc[client]) == 0)
        require(len(wanted) > 0)
        self.unsat[client] |= wanted

    @action
    def allocate(self, client: Client, given: frozenset[Resource]) -> None:
        """Free resources that the client asked for are given to it."""
        require(len(given) > 0)
        require(given <= self.unsat[client])
        require(all(self.is_free(resource) for resource in given))
        self.alloc[client] |= given
        self.unsat[client] -= given

    @action
    def give_back(self, client: Client, returned: frozenset[Resource]) -> None:
        """A client returns some of what it has."""
        require(len(returned) > 0)
        require(returned <= self.alloc[client])
        self.alloc[client] -= returned

    @temporal
    def clients_will_return(self) -> Formula:
        """A client without open requests has nothing, some day."""
        return every(
            leads_to(len(self.unsat[client]) == 0, len(self.alloc[client]) == 0)
            for client in Client
        )

    def all_obtain(self) -> Formula:
        """A client gets each resource that it asks for."""
        return every(
            leads_to(resource in self.unsat[client], resource in self.alloc[client])
            for client in Client
            for resource in Resource
        )

    def all_satisfied(self) -> Formula:
        """Every client is without open requests again and again."""
        return every(
            always(eventually(len(self.unsat[client]) == 0)) for client in Client
        )

    @invariant
    def resource_mutex(self) -> bool:
        """No resource is given to two clients."""
        return all(
            sum(resource in self.alloc[client] for client in Client) <= 1
            for resource in Resource
        )

    @reachable
    def one_client_has_all(self) -> bool:
        """A client can get all resources."""
        return any(
            all(resource in self.alloc[client] for resource in Resource)
            for client in Client
        )


class Returning(Allocator):
    """Clients give back what they have, whether they wait for more or not."""

    @fairness("weak", of="give_back")
    def clients_return(self, after: Self, client: Client) -> bool:
        """Whoever has resources gives all of them back some day."""
        return after.alloc[client] != self.alloc[client] and (
            len(after.alloc[client]) == 0
        )


class SimpleAllocator(Returning):
    """The original: strong fairness for who waits."""

    @fairness("strong", of="allocate")
    def allocator_allocates(self, after: Self, client: Client) -> bool:
        """A client that could get something again and again gets something."""
        return after.alloc[client] != self.alloc[client]

    @temporal
    def clients_will_obtain(self) -> Formula:
        """A client gets each resource that it asks for."""
        return self.all_obtain()

    @temporal
    def often_satisfied(self) -> Formula:
        """Every client is without open requests again and again."""
        return self.all_satisfied()


class SatisfiedReturn(Allocator):
    """The second version: who waits for more may keep what it has for ever."""

    @action
    def nothing(self) -> None:
        """Nothing happens; in TLA+ that is always possible."""

    @fairness("weak", of="give_back")
    def clients_return(self, after: Self, client: Client) -> bool:
        """Whoever got all that it asked for gives all of it back some day."""
        is_satisfied = len(self.unsat[client]) == 0 and len(self.alloc[client]) > 0
        return is_satisfied and len(after.alloc[client]) == 0

    @fairness("strong", of="allocate")
    def allocator_allocates(self, after: Self, client: Client) -> bool:
        """A client that could get something again and again gets something."""
        return after.alloc[client] != self.alloc[client]

    @temporal(expect=VIOLATED, because="two clients keep what the other waits for")
    def clients_will_obtain(self) -> Formula:
        """A client gets each resource that it asks for."""
        return self.all_obtain()

    @temporal(expect=VIOLATED, because="two clients keep what the other waits for")
    def often_satisfied(self) -> Formula:
        """Every client is without open requests again and again."""
        return self.all_satisfied()


class WeaklyFair(Returning):
    """What could be given only now and then may be withheld for ever."""

    @fairness("weak", of="allocate")
    def allocator_allocates(self, after: Self, client: Client) -> bool:
        """A client that could get something all the time gets something."""
        return after.alloc[client] != self.alloc[client]

    @temporal(expect=VIOLATED, because="others take the resource again and again")
    def clients_will_obtain(self) -> Formula:
        """A client gets each resource that it asks for."""
        return self.all_obtain()

    @temporal(expect=VIOLATED, because="others take the resource again and again")
    def often_satisfied(self) -> Formula:
        """Every client is without open requests again and again."""
        return self.all_satisfied()
