from modelcheck import Scalarset, Spec, action


class File(Scalarset, size=2):
    """An open file."""


class Group(Spec):
    owner: File | None = None

    @action
    def user(self, file: File) -> None:
        self.claim(*[file])

    def claim(self, file: File) -> None:
        self.owner = file
