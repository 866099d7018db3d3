from modelcheck import Spec, action


class Group(Spec):
    busy: bool = False

    @action
    def start() -> None:
        pass
