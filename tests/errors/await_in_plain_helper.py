from modelcheck import Scalarset, Spec, process, until


class File(Scalarset, size=2):
    """An open file."""


class Group(Spec):
    owner: File | None = None

    @process
    async def user(self, file: File) -> None:
        self.claim(file)

    def claim(self, file: File) -> None:
        await until(lambda: self.owner is None)
        self.owner = file
