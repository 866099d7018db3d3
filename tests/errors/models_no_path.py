from modelcheck import Spec, action


class Group(Spec, models=("drivers/iommu/iommu.c", "/drivers/vfio/vfio.c")):
    busy: bool = False

    @action
    def start(self) -> None:
        self.busy = True
