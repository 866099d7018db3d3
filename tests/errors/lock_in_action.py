from modelcheck import Mutex, Spec, action


class Group(Spec):
    mutex: Mutex
    busy: bool = False

    @action
    def start(self) -> None:
        self.mutex.release()
