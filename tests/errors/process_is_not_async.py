from modelcheck import Scalarset, Spec, process


class File(Scalarset, size=2):
    """An open file."""


class Group(Spec):
    owner: File | None = None

    @process
    def user(self, file: File) -> None:
        self.owner = file
