"""Before "Scrap iommu_attach/detach_group() interfaces": who calls them.

What the series of 6 January 2022 starts from: the ownership code of v5, a VFIO
container whose type1 calls iommu_attach_group(), and drivers that manage their own I/O
address space with the same call, as tegra-vde, host1x and iommu_v2 of AMD do. Nobody
looks at the owner. The commit message of 2/8: "After an IOMMU group is placed in a vfio
container, the domain attachment may be deferred. During this process, other kernel
modules can attach another domain".

Link: https://lore.kernel.org/r/20220106022053.2406748-3-baolu.lu@linux.intel.com
"""

from dma_ownership_v5 import DmaOwnershipV5
from kernel import twins, vfio_twins
from kernel.objects import Device, Domain, Errno
from kernel.properties import DmaOwnership
from kernel.vfio_container import VfioContainer
from modelcheck import VIOLATED, invariant, reachable, transition


class DmaOwnershipV5AttachGroup(VfioContainer, DmaOwnershipV5, floor=1_200_000):
    """The drivers that 4/8 to 7/8 convert, and type1 before 2/8."""

    async def iommu_attach_device(self, domain: Domain, dev: Device) -> Errno:
        """What these drivers call is iommu_attach_group(), in groups of any size."""
        async with self.mutex:
            ret = self._iommu_attach_group(domain)
            if ret is Errno.OK:
                self.attached.add(dev)
        return ret

    async def iommu_detach_device(
        self,
        domain: Domain,  # noqa: ARG002 - the group is detached from whatever it is on
        dev: Device,
    ) -> None:
        """And iommu_detach_group()."""
        async with self.mutex:
            self.attached.discard(dev)
            self._iommu_detach_group()

    # What the checker found. Each reason is the story of the shortest trace.

    @invariant(
        expect=VIOLATED,
        because="dev0's driver attaches: dev1 moves to the private domain, dev0 "
        "refuses it, and __iommu_attach_group() leaves it at that.",
    )
    def one_domain_for_all_devices(self) -> bool:
        """I1: the loop stops at the first error and nobody unwinds it."""
        return super().one_domain_for_all_devices()

    @invariant(
        expect=VIOLATED,
        because="a user claims the group; before it has a domain, dev1's driver "
        "attaches the private domain to all, and nobody looks at `owner`.",
    )
    def user_reaches_only_its_own_memory(self) -> bool:
        """I3: "other kernel modules can attach another domain simply" (2/8)."""
        return super().user_reaches_only_its_own_memory()

    @invariant(
        expect=VIOLATED,
        because="dev0's driver is flagged and not counted; it attaches, and then "
        "use_dma_api() lets a DMA-API driver probe dev1.",
    )
    def dma_api_driver_on_default_domain(self) -> bool:
        """I4: use_dma_api() looks at `domain` only if owner_cnt > 0."""
        return super().dma_api_driver_on_default_domain()

    @invariant(
        expect=VIOLATED,
        because="a user claims; dev1's driver attaches its own domain; when the user "
        "releases the group, `domain` is not NULL.",
    )
    def no_warn_or_underflow(self) -> bool:
        """I7: the user warns for what a driver did."""
        return super().no_warn_or_underflow()

    @invariant(
        expect=VIOLATED,
        because="after the failed attach of dev0's driver, which reported its error "
        "and left, dev1 stays on the private domain; no WARN_ON() tells.",
    )
    def idle_group_is_clean(self) -> bool:
        """I8: nobody is there any more, and one device is on another domain."""
        return super().idle_group_is_clean()

    @invariant(
        expect=VIOLATED,
        because="dev1 is moved to the private domain, dev0 refuses it, probe() fails "
        "and frees the domain: dev1's table entry points to freed memory.",
    )
    def no_freed_domain_in_hardware(self) -> bool:
        """I9: the caller of a failed attach may free the domain, and does."""
        return super().no_freed_domain_in_hardware()

    @transition(
        expect=VIOLATED,
        because="attach_group() returns ENOMEM with dev1 on the private domain.",
    )
    def failed_call_changes_nothing(self, after: DmaOwnership) -> bool:
        """I17: an error code does not mean that nothing happened."""
        return super().failed_call_changes_nothing(after)

    @invariant(
        expect=VIOLATED,
        because="dev1's IOMMU driver has let go of it, but it is still in the list "
        "when dev0's driver attaches the group.",
    )
    def released_device_stays_detached(self) -> bool:
        """The release and the removal from the list are two critical sections."""
        return super().released_device_stays_detached()

    @reachable(
        expect=VIOLATED,
        because="the second driver gets EBUSY: the group is not on the default domain "
        "any more.",
    )
    def siblings_share_a_private_domain(self) -> bool:
        """Who shares must remember what it shares, see the spec of drm/tegra."""
        return super().siblings_share_a_private_domain()

    @invariant(
        expect=VIOLATED,
        because="dev0 is being unbound from VFIO when its user sets the container; "
        "remove() now waits until the user closes it.",
    )
    def removal_waits_for_open_devices_only(self) -> bool:
        """L4: a user may keep a container for ever, and needs no device for it."""
        return super().removal_waits_for_open_devices_only()


# Twins: each must violate what it names.


class DriverIsNotCounted(
    twins.DriverIsNotCounted,
    DmaOwnershipV5AttachGroup,
    breaks=("no_kernel_dma_beside_a_user", "owner_cnt_exact", "one_owner_at_a_time"),
):
    """A driver is let in without `owner_cnt++`."""


class SwitchesByWayOfDefault(
    twins.SwitchesByWayOfDefault,
    DmaOwnershipV5AttachGroup,
    breaks="replace_never_passes_through_default",
):
    """The group is on the default domain between two others."""


class AddsUnderTheLock(
    twins.AddsUnderTheLock, DmaOwnershipV5AttachGroup, breaks="deadlock"
):
    """iommu_probe_device() asks for a mutex that it holds."""


class AddsTwice(
    twins.AddsTwice, DmaOwnershipV5AttachGroup, breaks="no_evaluation_error"
):
    """A newcomer is in the list twice, which has no room for it."""


class MmioByWayOfDefault(
    vfio_twins.MmioByWayOfDefault,
    DmaOwnershipV5AttachGroup,
    breaks="mmio_reaches_only_own_memory",
):
    """A write to a register finds the device on the default domain."""


class ReleasesWhileOpen(
    vfio_twins.ReleasesWhileOpen,
    DmaOwnershipV5AttachGroup,
    breaks="usable_only_after_the_claim",
):
    """The claim is given back while the device is open."""
