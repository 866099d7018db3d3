from modelcheck import Scalarset, Spec, action, choose


class Device(Scalarset, size=2):
    """A device of the group."""


class Group(Spec):
    bound: set[Device] = set()

    @action
    def unbind_all(self) -> None:
        while self.bound:
            self.unbind_one()

    def unbind_one(self) -> None:
        self.bound.discard(choose(Device))
