"""[PATCH v1 6/8] gpu/host1x: Use iommu_attach/detach_device(), 6 January 2022.

By Lu Baolu. host1x attaches its own domain in probe() if the group is on none, and uses
the DMA API otherwise. Jason Gunthorpe, the same day: "Shouldn't this add the flag to
tegra_host1x_driver?" Without it the driver core claims, which does no harm as long as
host1x is alone in its group. On the machines that exist it is.

Link: https://lore.kernel.org/r/20220106022053.2406748-7-baolu.lu@linux.intel.com
"""

import replace_domain
from kernel import twins
from kernel.objects import Device, Errno
from kernel.properties import DmaOwnership
from kernel.tegra import TegraDriver
from modelcheck import VIOLATED, invariant, reachable, transition
from replace_domain import ReplaceDomain


class ReplaceDomainHost1x(TegraDriver, ReplaceDomain, floor=230_000):
    """host1x_iommu_attach() and host1x_iommu_exit()."""

    async def private_domain_probe(self, dev: Device) -> Errno:
        """`domain` is read without the lock."""
        if self.domain is not None:
            return await self.host1x_use_dma_api(dev)
        return await super().private_domain_probe(dev)

    async def host1x_use_dma_api(self, dev: Device) -> Errno:
        """The driver core has claimed."""
        self.dma.add(dev)
        return Errno.OK

    # What the checker found. Each reason is the story of the shortest trace.

    @invariant(
        expect=VIOLATED,
        because="host1x is in a group of two without default domain, nobody else is "
        "there; owner_cnt is its own claim, and the attach returns EBUSY.",
    )
    def own_claim_refuses_no_attach(self) -> bool:
        """Jason Gunthorpe: "Shouldn't this add the flag to tegra_host1x_driver?"."""
        return super().own_claim_refuses_no_attach()

    @invariant(
        expect=VIOLATED,
        because="the release moves dev1 to the default domain, dev0 refuses it, and "
        "the group, which has no domain now, is apart.",
    )
    def one_domain_for_all_devices(self) -> bool:
        """I1: the loop stops at the first error and nobody unwinds it."""
        return super().one_domain_for_all_devices()

    @invariant(
        expect=VIOLATED,
        because="the release of a user's claim fails to attach the default domain and "
        "tells nobody, and a DMA-API driver probes dev1, which has no domain.",
    )
    def dma_api_driver_on_default_domain(self) -> bool:
        """I4: use_dma_api() looks at `domain` only if owner_cnt > 0."""
        return super().dma_api_driver_on_default_domain()

    @invariant
    def no_warn_on_reattach(self) -> bool:
        """I7: host1x attaches where there is no default domain to go back to."""
        return super().no_warn_on_reattach()

    @invariant(
        expect=VIOLATED,
        because="dev0 is unbound from VFIO while a user claims; at the release it "
        "refuses the default domain, and the group has none. No WARN_ON() tells.",
    )
    def idle_group_is_clean(self) -> bool:
        """I8: the release ignores the result of the attach."""
        return super().idle_group_is_clean()

    @invariant(
        expect=VIOLATED,
        because="replace_domain() moves dev1 to the user's domain, dev0 refuses it, "
        "and type1 frees the domain: dev1's table entry points to freed memory.",
    )
    def no_freed_domain_in_hardware(self) -> bool:
        """I9: the caller of a failed replace may free the domain, and does."""
        return super().no_freed_domain_in_hardware()

    @invariant
    def no_freed_domain_in_the_group(self) -> bool:
        """I9: without default domain a detach cannot fail."""
        return super().no_freed_domain_in_the_group()

    @transition(
        expect=VIOLATED,
        because="a release fails to attach the default domain, and the group has none; "
        "dev1 is added and gets the default domain.",
    )
    def newcomer_inherits_the_domain(self, after: DmaOwnership) -> bool:
        """I10: the second section of a hot-add looks at `owner`, not at `domain`."""
        return super().newcomer_inherits_the_domain(after)

    @invariant(
        expect=VIOLATED,
        because="a release failed, so that host1x finds no domain and attaches its "
        "own; dev1 is added, gets the default one, and shares dev0's table entry.",
    )
    def private_domain_stable_until_detach(self) -> bool:
        """I13: the newcomer takes the domain away from the driver of its sibling."""
        return super().private_domain_stable_until_detach()

    @transition(
        expect=VIOLATED,
        because="replace_domain() returns ENOMEM with dev1 on the user's domain.",
    )
    def failed_call_changes_nothing(self, after: DmaOwnership) -> bool:
        """I17: an error code does not mean that nothing happened."""
        return super().failed_call_changes_nothing(after)

    @invariant(
        expect=VIOLATED,
        because="dev1's IOMMU driver has let go of it, but it is still in the list "
        "when the user releases the group and all get the default domain.",
    )
    def released_device_stays_detached(self) -> bool:
        """The release and the removal from the list are two critical sections."""
        return super().released_device_stays_detached()

    @reachable(
        expect=VIOLATED,
        because="there is one host1x.",
    )
    def siblings_share_a_private_domain(self) -> bool:
        """Nobody shares the domain of host1x."""
        return super().siblings_share_a_private_domain()


# Twins: each must violate what it names.


class DriverIsNotCounted(
    twins.DriverIsNotCounted,
    ReplaceDomainHost1x,
    breaks=("no_kernel_dma_beside_a_user", "owner_cnt_exact", "one_owner_at_a_time"),
):
    """A driver is let in without `owner_cnt++`."""


class SwitchesByWayOfDefault(
    twins.SwitchesByWayOfDefault,
    ReplaceDomainHost1x,
    breaks="replace_never_passes_through_default",
):
    """The group is on the default domain between two others."""


class DriverPutsTwice(
    twins.DriverPutsTwice, ReplaceDomainHost1x, breaks="no_warn_or_underflow"
):
    """dma_cleanup() is called twice."""


class AddsUnderTheLock(twins.AddsUnderTheLock, ReplaceDomainHost1x, breaks="deadlock"):
    """iommu_probe_device() asks for a mutex that it holds."""


class AddsTwice(twins.AddsTwice, ReplaceDomainHost1x, breaks="no_evaluation_error"):
    """A newcomer is in the list twice, which has no room for it."""


class AttachIsNotCounted(
    replace_domain.AttachIsNotCounted, ReplaceDomainHost1x, breaks="attach_cnt_exact"
):
    """`attach_cnt++` is gone."""


class DetachDoesNothing(
    twins.DetachDoesNothing, ReplaceDomainHost1x, breaks="no_freed_domain_in_the_group"
):
    """The group stays on the domain that it should leave."""


class RefusesAgainAndAgain(
    twins.RefusesAgainAndAgain, ReplaceDomainHost1x, breaks="no_warn_on_reattach"
):
    """With one failed attach the group always comes back; with two it need not."""
