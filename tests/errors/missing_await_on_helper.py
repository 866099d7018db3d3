from modelcheck import Scalarset, Spec, preempt, process


class File(Scalarset, size=2):
    """An open file."""


class Group(Spec):
    owner: File | None = None

    @process
    async def user(self, file: File) -> None:
        self.claim(file)

    async def claim(self, file: File) -> None:
        await preempt()
        self.owner = file
