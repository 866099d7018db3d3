"""drm/tegra before "[PATCH v1 4/8] drm/tegra: Use iommu_attach/detatch_device()".

dc, gr2d, gr3d and vic share a group and a domain, and nobody counts them: the client
that finds the group on no domain attaches it, the others find it attached, and the
first one that leaves detaches it under the rest. The old comment knows: "Devices that
are part of the same group may no longer be attached to a domain at this point because
their group may have been detached by an earlier client".

The driver core claims for these drivers, as for all (v5 of the ownership series).

Link: https://lore.kernel.org/r/20220106022053.2406748-5-baolu.lu@linux.intel.com
"""

from dma_ownership_v5 import DmaOwnershipV5
from kernel import twins
from kernel.objects import Device, Errno
from kernel.properties import DmaOwnership
from kernel.tegra_drm import TegraDrm
from modelcheck import VIOLATED, invariant, reachable, transition


class DmaOwnershipV5TegraDrm(TegraDrm, DmaOwnershipV5, floor=1_000_000):
    """host1x_client_iommu_attach() and its opposite, before the patch."""

    async def host1x_client_iommu_attach(self, dev: Device) -> Errno:
        """`domain` is read without the lock, and decides."""
        domain = self.domain
        if domain is not None and domain is not self.tegra_domain:
            return Errno.OK
        if self.tegra_domain is not None:
            if domain is not self.tegra_domain:
                ret = await self.iommu_attach_group(self.tegra_domain)
                if ret is not Errno.OK:
                    return ret
            self.explicit.add(dev)
            self.attached.add(dev)
        return Errno.OK

    async def host1x_client_iommu_detach(self, dev: Device) -> None:
        """Detach the group, unless an earlier client did."""
        self.attached.discard(dev)
        if dev in self.explicit:
            if self.domain is not None:
                await self.iommu_detach_group()
            self.explicit.discard(dev)

    # What the checker found. Each reason is the story of the shortest trace.

    @invariant(
        expect=VIOLATED,
        because="dev0 attaches the group, dev1 finds it attached; a later step of "
        "dev1's init fails, and dev1 detaches the group under dev0.",
    )
    def private_domain_stable_until_detach(self) -> bool:
        """I13: "may have been detached by an earlier client", says the old comment."""
        return super().private_domain_stable_until_detach()

    @invariant(
        expect=VIOLATED,
        because="dev0's client attaches: dev1 moves to the shared domain, dev0 refuses "
        "it, and __iommu_attach_group() leaves it at that.",
    )
    def one_domain_for_all_devices(self) -> bool:
        """I1: the loop stops at the first error and nobody unwinds it."""
        return super().one_domain_for_all_devices()

    @invariant(
        expect=VIOLATED,
        because="the release moves dev1 to the default domain, dev0 refuses it, and "
        "the group has no domain; the next claim finds none to detach.",
    )
    def user_reaches_only_its_own_memory(self) -> bool:
        """I3: a claim trusts `domain`, which says nothing about the hardware."""
        return super().user_reaches_only_its_own_memory()

    @invariant(
        expect=VIOLATED,
        because="a DMA-API driver has claimed the group and is about to probe dev1; "
        "dev0's client attaches the shared domain to both all the same.",
    )
    def dma_api_driver_on_default_domain(self) -> bool:
        """I4: iommu_attach_group() does not look at owner_cnt."""
        return super().dma_api_driver_on_default_domain()

    @invariant
    def no_warn_or_underflow(self) -> bool:
        """I7: nothing is counted, so nothing underflows."""
        return super().no_warn_or_underflow()

    @invariant
    def no_warn_on_reattach(self) -> bool:
        """I7: a group that drm/tegra attaches has no default domain to go back to."""
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
        because="dev1 is moved to the shared domain, dev0 refuses it, and drm/tegra "
        "frees it: dev1's table entry points to freed memory.",
    )
    def no_freed_domain_in_hardware(self) -> bool:
        """I9: the caller of a failed attach may free the domain, and does."""
        return super().no_freed_domain_in_hardware()

    @invariant
    def no_freed_domain_in_the_group(self) -> bool:
        """I9: without default domain a detach cannot fail."""
        return super().no_freed_domain_in_the_group()

    @transition(
        expect=VIOLATED,
        because="dev1, which shares dev0's table entry, is being added; dev0's client "
        "moves the entry to the shared domain, and then fails for dev1.",
    )
    def newcomer_inherits_the_domain(self, after: DmaOwnership) -> bool:
        """I10: the group says NULL, the table entry does not."""
        return super().newcomer_inherits_the_domain(after)

    @transition(
        expect=VIOLATED,
        because="attach_group() returns ENOMEM with dev1 on the shared domain.",
    )
    def failed_call_changes_nothing(self, after: DmaOwnership) -> bool:
        """I17: an error code does not mean that nothing happened."""
        return super().failed_call_changes_nothing(after)

    @invariant(
        expect=VIOLATED,
        because="dev1's IOMMU driver has let go of it, but it is still in the list "
        "when dev0's client attaches the group.",
    )
    def released_device_stays_detached(self) -> bool:
        """The release and the removal from the list are two critical sections."""
        return super().released_device_stays_detached()

    @reachable
    def siblings_share_a_private_domain(self) -> bool:
        """What drm/tegra does in spite of the rule of 2015, with attach_group()."""
        return super().siblings_share_a_private_domain()


# Twins: each must violate what it names.


class DriverIsNotCounted(
    twins.DriverIsNotCounted,
    DmaOwnershipV5TegraDrm,
    breaks=("no_kernel_dma_beside_a_user", "owner_cnt_exact", "one_owner_at_a_time"),
):
    """A driver is let in without `owner_cnt++`."""


class SwitchesByWayOfDefault(
    twins.SwitchesByWayOfDefault,
    DmaOwnershipV5TegraDrm,
    breaks="replace_never_passes_through_default",
):
    """The group is on the default domain between two others."""


class DriverPutsTwice(
    twins.DriverPutsTwice, DmaOwnershipV5TegraDrm, breaks="no_warn_or_underflow"
):
    """dma_cleanup() is called twice."""


class AddsUnderTheLock(
    twins.AddsUnderTheLock, DmaOwnershipV5TegraDrm, breaks="deadlock"
):
    """iommu_probe_device() asks for a mutex that it holds."""


class AddsTwice(twins.AddsTwice, DmaOwnershipV5TegraDrm, breaks="no_evaluation_error"):
    """A newcomer is in the list twice, which has no room for it."""


class DetachDoesNothing(
    twins.DetachDoesNothing,
    DmaOwnershipV5TegraDrm,
    breaks="no_freed_domain_in_the_group",
):
    """The group stays on the domain that it should leave."""


class DetachIsAlwaysToDefault(
    twins.DetachIsAlwaysToDefault, DmaOwnershipV5TegraDrm, breaks="no_warn_on_reattach"
):
    """A group that a user detaches gets its default domain back, or refuses it."""
