from modelcheck import Scalarset, Spec, invariant


class Device(Scalarset, size=2):
    """A device of the group."""


class File(Scalarset, size=2):
    """An open file."""


class Group(Spec):
    bound: set[Device] = set()

    @invariant
    def no_file_is_bound(self) -> bool:
        return all(file not in self.bound for file in File)
