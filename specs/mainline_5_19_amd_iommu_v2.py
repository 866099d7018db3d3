"""Linux 5.19 with iommu_v2 of AMD, which the ownership code takes for a foreigner.

iommu_v2 attaches a second identity domain to the group of an APU. But "the ownership
logic is based on the group's domain pointer equaling the default domain to detect DMA
API ownership", and the HD-audio function loses its driver (commit 2380f1e8195e, "iommu:
Fix false ownership failure on AMD systems with PASID activated", which fixes
512881eacfa7).

The IOMMU is AMD's: what is detached is blocked.

Link: https://lore.kernel.org/r/0-v1-ea566e16b06b+811-amd_owner_jgg@nvidia.com
"""

from kernel import twins
from kernel.amd_iommu_v2 import AmdIommuV2
from kernel.detaching import Detach
from kernel.objects import Device, Domain, Errno
from kernel.properties import DmaOwnership
from mainline_5_19 import Linux519
from modelcheck import VIOLATED, invariant, reachable, transition


class Linux519AmdIommuV2(AmdIommuV2, Linux519, floor=500_000):
    """iommu_attach_group() and iommu_detach_group(), as always."""

    detach = Detach.BLOCKS

    def note_refusal(self, dev: Device) -> None:
        """For the happy paths, too."""
        super().note_refusal(dev)
        self.refused_binds.add(dev)

    async def amd_iommu_v2_attach(self, dev: Device) -> Errno:
        """iommu_attach_group(), which does not look at the owner."""
        async with self.mutex:
            ret = self._iommu_attach_group(Domain.PRIVATE)
            if ret is Errno.OK:
                self.attached.add(dev)
        return ret

    async def amd_iommu_v2_detach(self, dev: Device) -> None:
        """iommu_detach_group()."""
        async with self.mutex:
            self.attached.discard(dev)
            self._iommu_detach_group()

    # What the checker found. Each reason is the story of the shortest trace.

    @invariant(
        expect=VIOLATED,
        because="amdgpu is bound, and the KFD attaches the domain of iommu_v2; the "
        "driver of the sound function gets EBUSY, though both domains are identity.",
    )
    def sound_driver_binds_beside_the_gpu(self) -> bool:
        """L6: the bug of commit 2380f1e8195e; `domain` is compared as a pointer."""
        return super().sound_driver_binds_beside_the_gpu()

    @invariant(
        expect=VIOLATED,
        because="the KFD's attach moves dev1 to the domain of iommu_v2, dev0 refuses "
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
        because="the release of a user's claim fails to attach the default domain and "
        "tells nobody, and a DMA-API driver probes dev1, which has no domain.",
    )
    def dma_api_driver_on_default_domain(self) -> bool:
        """I4: use_dma_api() looks at `domain` only if owner_cnt > 0."""
        return super().dma_api_driver_on_default_domain()

    @invariant
    def no_warn_or_underflow(self) -> bool:
        """I7: iommu_detach_group() does not count the devices."""
        return super().no_warn_or_underflow()

    @invariant(
        expect=VIOLATED,
        because="the KFD stops, and a device refuses the default domain.",
    )
    def no_warn_on_reattach(self) -> bool:
        """I7: __iommu_detach_group() can fail, and detaching has no way to say so."""
        return super().no_warn_on_reattach()

    @invariant(
        expect=VIOLATED,
        because="the KFD's attach fails with dev1 on the domain of iommu_v2; amdgpu is "
        "unbound, and dev1 stays there. No WARN_ON() tells.",
    )
    def idle_group_is_clean(self) -> bool:
        """I8: an attach that fails leaves a device behind."""
        return super().idle_group_is_clean()

    @invariant(
        expect=VIOLATED,
        because="the KFD's attach fails with dev1 on the domain of iommu_v2, which is "
        "freed.",
    )
    def no_freed_domain_in_hardware(self) -> bool:
        """I9: the caller of a failed attach may free the domain, and does."""
        return super().no_freed_domain_in_hardware()

    @invariant(
        expect=VIOLATED,
        because="the KFD stops, the default domain cannot be attached again, and "
        "`domain` still points to the domain of iommu_v2 when it is freed.",
    )
    def no_freed_domain_in_the_group(self) -> bool:
        """I9: detach_group() returns void; the caller frees the domain anyway."""
        return super().no_freed_domain_in_the_group()

    @transition(
        expect=VIOLATED,
        because="attach_group() of the KFD returns ENOMEM with dev1 on the new domain.",
    )
    def failed_call_changes_nothing(self, after: DmaOwnership) -> bool:
        """I17: cured in 6.5 only, by commit dcf40ed3a20d."""
        return super().failed_call_changes_nothing(after)

    @invariant
    def replace_never_passes_through_default(self) -> bool:
        """I18: VFIO detaches first, and the device then reaches nothing."""
        return super().replace_never_passes_through_default()

    @invariant(
        expect=VIOLATED,
        because="dev1's IOMMU driver has let go of it, but it is still in the list "
        "when the KFD attaches the group.",
    )
    def released_device_stays_detached(self) -> bool:
        """The release and the removal from the list are two critical sections."""
        return super().released_device_stays_detached()

    @reachable(
        expect=VIOLATED,
        because="the GPU alone has a domain of iommu_v2.",
    )
    def siblings_share_a_private_domain(self) -> bool:
        """Nobody shares the domain of iommu_v2."""
        return super().siblings_share_a_private_domain()

    @invariant
    def driver_reads_no_freed_domain(self) -> bool:
        """I9: a detached device has left the domain that VFIO frees."""
        return super().driver_reads_no_freed_domain()


# Twins: each must violate what it names.


class DriverIsNotCounted(
    twins.DriverIsNotCounted,
    Linux519AmdIommuV2,
    breaks=("no_kernel_dma_beside_a_user", "owner_cnt_exact", "one_owner_at_a_time"),
):
    """A driver is let in without `owner_cnt++`."""


class SwitchesByWayOfDefault(
    twins.SwitchesByWayOfDefault,
    Linux519AmdIommuV2,
    breaks="replace_never_passes_through_default",
):
    """The group is on the default domain between two others."""


class DriverPutsTwice(
    twins.DriverPutsTwice, Linux519AmdIommuV2, breaks="no_warn_or_underflow"
):
    """dma_cleanup() is called twice."""


class FreesBeforeDetaching(
    twins.FreesBeforeDetaching,
    Linux519AmdIommuV2,
    breaks="driver_reads_no_freed_domain",
):
    """VFIO frees the domain, and then the group leaves it."""


class AddsUnderTheLock(twins.AddsUnderTheLock, Linux519AmdIommuV2, breaks="deadlock"):
    """iommu_probe_device() asks for a mutex that it holds."""


class AddsTwice(twins.AddsTwice, Linux519AmdIommuV2, breaks="no_evaluation_error"):
    """A newcomer is in the list twice, which has no room for it."""


class GpuMustBeAlone(Linux519AmdIommuV2, breaks="gpu_gets_its_v2_domain"):
    """The rule of 2015 is asked about, which iommu_v2 goes round."""

    async def amd_iommu_v2_attach(self, dev: Device) -> Errno:
        """Only in a group of one."""
        if len(self.devices) != 1:
            return Errno.EINVAL
        return await super().amd_iommu_v2_attach(dev)
