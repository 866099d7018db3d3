from modelcheck import Scalarset, Spec, process


class File(Scalarset, size=2):
    """An open file."""


class Group(Spec):
    owner: File | None = None

    @process
    async def user(self, file: File) -> None:
        await self.claim(file)

    def claim(self, file: File) -> None:
        self.owner = file
