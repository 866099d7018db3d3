from modelcheck import Scalarset, Spec, action


class File(Scalarset, size=2):
    """An open file."""


class Group(Spec):
    owner: File

    @action
    def release(self) -> None:
        self.owner = None
