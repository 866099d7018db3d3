from modelcheck import Scalarset, Spec, invariant


class File(Scalarset, size=2):
    """An open file."""


class Group(Spec):
    owner: File | None = None
    checked: bool = False

    @invariant
    def owner_is_known(self) -> bool:
        self.checked = True
        return self.owner is not None or self.checked
