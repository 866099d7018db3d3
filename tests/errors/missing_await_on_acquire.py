from modelcheck import Mutex, Scalarset, Spec, process


class File(Scalarset, size=2):
    """An open file."""


class Group(Spec):
    mutex: Mutex
    owner: File | None = None

    @process
    async def user(self, file: File) -> None:
        self.mutex.acquire()
        self.owner = file
        self.mutex.release()
