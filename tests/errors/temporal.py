from modelcheck import Spec, temporal


class Group(Spec):
    busy: bool = False

    @temporal
    def in_the_end(self) -> bool:
        return self.busy
