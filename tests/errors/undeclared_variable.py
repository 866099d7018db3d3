from modelcheck import Scalarset, Spec, action


class File(Scalarset, size=2):
    """An open file."""


class Group(Spec):
    owner: File | None = None

    @action
    def claim(self, file: File) -> None:
        self.owner = file
        self.claimed = True
