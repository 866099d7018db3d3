"""An allocator that follows a schedule, so that no client waits for ever.

Source: `allocator/SchedulingAllocator.tla` (3 clients, 2 resources) of
tlaplus/Examples, by Stephan Merz.
"""

from typing import Annotated, Self

from modelcheck import (
    Formula,
    Length,
    Scalarset,
    Spec,
    action,
    always,
    choose,
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


N = len(Client)
Schedule = Annotated[list[Client], Length(N)]


class SchedulingAllocator(Spec):
    """Resources go to a client only if nobody earlier in the schedule wants them."""

    unsat: dict[Client, set[Resource]] = {client: set() for client in Client}
    alloc: dict[Client, set[Resource]] = {client: set() for client in Client}
    schedule: Schedule = []

    def is_free(self, resource: Resource) -> bool:
        """Whether nobody has `resource`."""
        return all(resource not in self.alloc[client] for client in Client)

    def is_waiting(self, client: Client) -> bool:
        """Whether `client` asked for something and is not scheduled yet."""
        return len(self.unsat[client]) > 0 and client not in self.schedule

    def is_promised(self, resource: Resource, client: Client) -> bool:
        """Whether somebody before `client` in the schedule wants `resource`."""
        promised = False
        earlier = True
        for other in self.schedule:
            if other is client:
                earlier = False
            if earlier and resource in self.unsat[other]:
                promised = True
        return promised

    @action
    def request(self, client: Client, wanted: frozenset[Resource]) -> None:
        """A client that wants and has nothing asks for some resources."""
        require(len(self.unsat[client]) == 0)
        require(len(self.alloc[client]) == 0)
        require(len(wanted) > 0)
        self.unsat[client] |= wanted

    @action
    def allocate(self, client: Client, given: frozenset[Resource]) -> None:
        """Free resources go to a scheduled client; when satisfied it is taken off."""
        require(len(given) > 0)
        require(given <= self.unsat[client])
        require(client in self.schedule)
        require(all(self.is_free(resource) for resource in given))
        require(not any(self.is_promised(resource, client) for resource in given))
        self.alloc[client] |= given
        self.unsat[client] -= given
        if len(self.unsat[client]) == 0:
            self.schedule = [other for other in self.schedule if other is not client]

    @action
    def give_back(self, client: Client, returned: frozenset[Resource]) -> None:
        """A client returns some of what it has."""
        require(len(returned) > 0)
        require(returned <= self.alloc[client])
        self.alloc[client] -= returned

    @action(fair="weak")
    def extend_schedule(self) -> None:
        """All waiting clients are scheduled, in any order."""
        waiting = {client for client in Client if self.is_waiting(client)}
        require(len(waiting) > 0)
        for _ in range(N):
            if len(waiting) > 0:
                following = choose(waiting)
                waiting.remove(following)
                self.schedule.append(following)

    @fairness("weak", of="give_back")
    def clients_return(self, after: Self, client: Client) -> bool:
        """Who got everything gives it all back some day."""
        return len(self.unsat[client]) == 0 and len(after.alloc[client]) == 0

    @fairness("weak", of="allocate")
    def allocator_allocates(self, after: Self, client: Client) -> bool:
        """What can be given to a client is not held back for ever."""
        return after.alloc[client] != self.alloc[client]

    @temporal
    def clients_will_return(self) -> Formula:
        """A client without open requests has nothing, some day."""
        return every(
            leads_to(len(self.unsat[client]) == 0, len(self.alloc[client]) == 0)
            for client in Client
        )

    @temporal
    def clients_will_obtain(self) -> Formula:
        """A client gets each resource that it asks for."""
        return every(
            leads_to(resource in self.unsat[client], resource in self.alloc[client])
            for client in Client
            for resource in Resource
        )

    @temporal
    def often_satisfied(self) -> Formula:
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

    @invariant
    def scheduled_clients_want_something(self) -> bool:
        """Whoever is scheduled has an open request."""
        return all(len(self.unsat[client]) > 0 for client in self.schedule)

    @invariant
    def nobody_holds_what_was_promised(self) -> bool:
        """No scheduled client has what an earlier one waits for."""
        return all(
            not self.is_promised(resource, client)
            for client in self.schedule
            for resource in self.alloc[client]
        )

    @reachable
    def everybody_is_scheduled(self) -> bool:
        """The schedule can be full."""
        return len(self.schedule) == N
