"""[PATCH v1 5/8] iommu/amd: Use iommu_attach/detach_device(), 6 January 2022.

By Lu Baolu. Two lines are changed in drivers/iommu/amd/iommu_v2.c, and 3/8 then refuses
what they are for: "For multiple devices belonging to a same group,
iommu_device_use_dma_api() and iommu_attach_device() are exclusive", and the driver core
has called the former for amdgpu itself. Joerg Roedel, 14 February 2022, on flagging the
sound driver beside it: "Making this driver call iommu-specific functions for some
devices is something hard to justify."

Link: https://lore.kernel.org/r/20220106022053.2406748-6-baolu.lu@linux.intel.com
"""

import replace_domain
from kernel import twins
from kernel.amd_iommu_v2 import AmdIommuV2
from kernel.properties import DmaOwnership
from modelcheck import VIOLATED, invariant, reachable, transition
from replace_domain import ReplaceDomain


class ReplaceDomainAmdIommuV2(AmdIommuV2, ReplaceDomain, floor=420_000):
    """amd_iommu_init_device() and free_device_state()."""

    # What the checker found. Each reason is the story of the shortest trace.

    @invariant(
        expect=VIOLATED,
        because="amdgpu is bound in a group of two; owner_cnt is its own claim, the "
        "group is on the default domain, and iommu_attach_device() returns EBUSY.",
    )
    def gpu_gets_its_v2_domain(self) -> bool:
        """The regression of 5/8: in a group of two it never works."""
        return super().gpu_gets_its_v2_domain()

    @invariant(
        expect=VIOLATED,
        because="the sound function is removed, the GPU attaches alone, and the sound "
        "function comes back: its driver gets EBUSY.",
    )
    def sound_driver_binds_beside_the_gpu(self) -> bool:
        """L6: what works at all is against the driver of the sibling."""
        return super().sound_driver_binds_beside_the_gpu()

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

    @invariant(
        expect=VIOLATED,
        because="the GPU, whose sibling was removed, refuses the default domain when "
        "the KFD stops.",
    )
    def no_warn_on_reattach(self) -> bool:
        """I7: __iommu_detach_group() can fail, and detaching has no way to say so."""
        return super().no_warn_on_reattach()

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
        because="the GPU alone has a domain of iommu_v2.",
    )
    def siblings_share_a_private_domain(self) -> bool:
        """Nobody shares the domain of iommu_v2."""
        return super().siblings_share_a_private_domain()


# Twins: each must violate what it names.


class DriverIsNotCounted(
    twins.DriverIsNotCounted,
    ReplaceDomainAmdIommuV2,
    breaks=("no_kernel_dma_beside_a_user", "owner_cnt_exact", "one_owner_at_a_time"),
):
    """A driver is let in without `owner_cnt++`."""


class SwitchesByWayOfDefault(
    twins.SwitchesByWayOfDefault,
    ReplaceDomainAmdIommuV2,
    breaks="replace_never_passes_through_default",
):
    """The group is on the default domain between two others."""


class DriverPutsTwice(
    twins.DriverPutsTwice, ReplaceDomainAmdIommuV2, breaks="no_warn_or_underflow"
):
    """dma_cleanup() is called twice."""


class AddsUnderTheLock(
    twins.AddsUnderTheLock, ReplaceDomainAmdIommuV2, breaks="deadlock"
):
    """iommu_probe_device() asks for a mutex that it holds."""


class AddsTwice(twins.AddsTwice, ReplaceDomainAmdIommuV2, breaks="no_evaluation_error"):
    """A newcomer is in the list twice, which has no room for it."""


class AttachIsNotCounted(
    replace_domain.AttachIsNotCounted,
    ReplaceDomainAmdIommuV2,
    breaks="attach_cnt_exact",
):
    """`attach_cnt++` is gone."""
