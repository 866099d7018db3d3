from modelcheck import Spec, action


class Group(Spec):
    busy: bool = False

    @action
    def start(self) -> None:
        with open("/proc/iommu") as table:
            self.busy = True
