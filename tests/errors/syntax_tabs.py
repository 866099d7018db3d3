from modelcheck import Spec


class Group(Spec):
    busy: bool = False

    def is_busy(self) -> bool:
        if self.busy:
	    return True
        return False
