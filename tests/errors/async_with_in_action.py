from modelcheck import Mutex, Scalarset, Spec, action


class File(Scalarset, size=2):
    """An open file."""


class Group(Spec):
    mutex: Mutex
    owner: File | None = None

    @action
    def claim(self, file: File) -> None:
        async with self.mutex:
            self.owner = file
