from modelcheck import Scalarset, Spec, invariant


class File(Scalarset, size=2):
    """An open file."""


class Group(Spec):
    owner: File

    @invariant
    def owned(self) -> bool:
        return self.owner is not None
