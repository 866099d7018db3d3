"""An allocator that hands out resources to clients as they become free.

Source: `allocator/SimpleAllocator.tla` (3 clients, 2 resources) of tlaplus/Examples, by
Stephan Merz.
"""

from modelcheck import Scalarset, Spec, action, invariant, reachable, require


class Client(Scalarset, size=3):
    """Somebody who asks for resources."""


class Resource(Scalarset, size=2):
    """Something that one client at a time can have."""


class SimpleAllocator(Spec):
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
