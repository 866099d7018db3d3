from modelcheck import Spec


class Group(Spec):
    pair: tuple[bool, bool] = (False, False

    def first(self) -> bool:
        return self.pair[0]
