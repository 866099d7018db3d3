from modelcheck import Scalarset, Spec, process, require


class File(Scalarset, size=2):
    """An open file."""


class Group(Spec):
    owner: File | None = None

    @process
    async def user(self, file: File) -> None:
        await require(self.owner is None)
        self.owner = file
