from modelcheck import Spec, action


class Group(Spec):
    pair: tuple[bool, bool] = (False, False)

    @action
    def swap(self) -> None:
        a, b, c = self.pair
        self.pair = (b, a)
