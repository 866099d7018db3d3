from modelcheck import Spec, action


class Group(Spec):
    busy: bool = False

    @action
    def start(self) -> None:
        table = open("/proc/iommu")
        self.busy = True
