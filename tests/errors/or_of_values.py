from modelcheck import Scalarset, Spec, action


class File(Scalarset, size=2):
    """An open file."""


class Group(Spec):
    owner: File | None = None
    spare: File

    @action
    def claim(self) -> None:
        self.owner = self.owner or self.spare
