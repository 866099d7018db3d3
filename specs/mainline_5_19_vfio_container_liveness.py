"""What Linux 5.19 does in the end, with a VFIO container in full.

A user closes its device some time, but perhaps never its container.
"""

from kernel.liveness import ContainerLiveness
from mainline_5_19_vfio_container import Linux519VfioContainer
from modelcheck import VIOLATED, Formula, invariant, temporal


class Linux519VfioContainerLiveness(ContainerLiveness, Linux519VfioContainer):
    """Merged for 5.19, with L1 to L4, L6 and L7."""

    # What the checker found. Each reason is the story of the lasso.

    @temporal(
        expect=VIOLATED,
        because="dev0's driver detaches its private domain, the device refuses the "
        "default one, and nobody tries again: the group stays on the private domain, "
        "and claim_dma_owner() returns EBUSY for ever.",
    )
    def reclaimable(self) -> Formula:
        """L1: the WARN_ON() says so; nothing tries again."""
        return super().reclaimable()

    @temporal(
        expect=VIOLATED,
        because="the release ignores that dev0 refuses the default domain, and "
        "`domain` stays NULL: use_default_domain() lets a first driver in, and not a "
        "second; dev0's driver retries whenever dev1's is bound.",
    )
    def bindable(self) -> Formula:
        """L2: `domain` is looked at only if somebody is there already."""
        return super().bindable()

    @temporal(
        expect=VIOLATED,
        because="dev0 refuses the default domain when its driver detaches, and stays "
        "on the private domain, which the driver frees.",
    )
    def detach_restores(self) -> Formula:
        """L3: the last holder is gone, the table entry is not."""
        return super().detach_restores()

    @temporal(
        expect=VIOLATED,
        because="the device is unbound from VFIO while its user has a container; no "
        "device is open any more, and remove() waits for a container that is never "
        "closed.",
    )
    def unplug_completes(self) -> Formula:
        """L4: the wait that commit ca5f21b25749 did away with in 6.2."""
        return super().unplug_completes()

    @temporal(
        expect=VIOLATED,
        because="the release moves dev0 to the default domain, dev1 refuses it, and "
        "`domain` is NULL; dev0's driver binds and stays, and dev1's gets EBUSY for "
        "ever.",
    )
    def siblings_bind(self) -> Formula:
        """L6: the group is not on what it says, and nobody looks again."""
        return super().siblings_bind()

    @temporal(
        expect=VIOLATED,
        because="dev0's driver leaves the group on its private domain; VFIO is bound "
        "to dev0, and SET_CONTAINER returns EBUSY for ever.",
    )
    def user_claim_possible(self) -> Formula:
        """L7: the driver that could mend it is gone."""
        return super().user_claim_possible()

    # What a group that is the first in its container, without aliases, cannot do.

    @invariant
    def private_domain_stable_until_detach(self) -> bool:
        """I13: no device shares the table entry of another one."""
        return super().private_domain_stable_until_detach()

    @invariant
    def replace_never_passes_through_default(self) -> bool:
        """I18: there is nothing to switch to."""
        return super().replace_never_passes_through_default()
