from modelcheck import Scalarset, Spec, action, preempt


class File(Scalarset, size=2):
    """An open file."""


class Group(Spec):
    owner: File | None = None

    @action
    def user(self, file: File) -> None:
        self.claim(file)

    async def claim(self, file: File) -> None:
        await preempt()
        self.owner = file
