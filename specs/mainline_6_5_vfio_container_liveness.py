"""What Linux 6.5 does in the end, with a VFIO container that the kernel may take away.

Here unplugging ends (L4). What is violated needs no attach that fails, but a device
that is added to a group whose only driver has a domain of its own.
"""

from kernel.liveness import ContainerLiveness
from mainline_6_5_vfio_container import Linux65VfioContainer
from modelcheck import VIOLATED, Formula, temporal


class Linux65VfioContainerLiveness(ContainerLiveness, Linux65VfioContainer):
    """Linux 6.5, with L1 to L4, L6 and L7."""

    # What the checker found. Each reason is the story of the lasso.

    @temporal(
        expect=VIOLATED,
        because="dev0's driver detaches when dev1 has been added: it is not alone any "
        "more, so detach_device() warns and does nothing; the group stays on the "
        "private domain, and every claim returns EBUSY.",
    )
    def reclaimable(self) -> Formula:
        """L1: the rule of 2015 is checked when it is too late."""
        return super().reclaimable()

    @temporal(
        expect=VIOLATED,
        because="dev0's driver detaches when dev1 has been added: it is not alone any "
        "more, so detach_device() warns and does nothing; then a first driver binds, "
        "and a second one gets EBUSY; dev0's retries whenever dev1's is bound.",
    )
    def bindable(self) -> Formula:
        """L2: `domain` is looked at only if somebody is there already."""
        return super().bindable()

    @temporal(
        expect=VIOLATED,
        because="dev0's driver detaches when dev1 has been added: it is not alone any "
        "more, so detach_device() warns and does nothing; both devices stay on a "
        "domain that the driver frees.",
    )
    def detach_restores(self) -> Formula:
        """L3: the last holder is gone, the table entries are not."""
        return super().detach_restores()

    @temporal(
        expect=VIOLATED,
        because="dev0's driver detaches when dev1 has been added: it is not alone any "
        "more, so detach_device() warns and does nothing; dev1's DMA-API driver finds "
        "owner_cnt 0 and binds, and dev0's gets EBUSY for ever.",
    )
    def siblings_bind(self) -> Formula:
        """L6: the group stays on the private domain of nobody."""
        return super().siblings_bind()

    @temporal(
        expect=VIOLATED,
        because="dev0's driver detaches when dev1 has been added: it is not alone any "
        "more, so detach_device() warns and does nothing; VFIO is bound to dev0, and "
        "SET_CONTAINER returns EBUSY for ever.",
    )
    def user_claim_possible(self) -> Formula:
        """L7: the group stays on the private domain of nobody."""
        return super().user_claim_possible()
