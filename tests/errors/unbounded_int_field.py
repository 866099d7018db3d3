from modelcheck import Spec, action


class Group(Spec):
    owner_cnt: int = 0

    @action
    def claim(self) -> None:
        self.owner_cnt += 1
