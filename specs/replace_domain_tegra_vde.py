"""[PATCH v1 7/8] media: staging: media: tegra-vde: Use iommu_attach/detach_device().

By Lu Baolu, 6 January 2022. The video decoder attaches its own domain in probe(),
whatever the group is on, and its driver is not flagged. So the driver core has claimed
the group, and 3/8 lets it attach where it is alone: "For backward compatibility, device
in a singleton group is allowed to ignore setting the drv.no_kernel_api_dma field".

Link: https://lore.kernel.org/r/20220106022053.2406748-8-baolu.lu@linux.intel.com
"""

import replace_domain
from kernel import twins
from kernel.properties import DmaOwnership
from kernel.tegra import TegraDriver
from modelcheck import VIOLATED, invariant, reachable, transition
from replace_domain import ReplaceDomain


class ReplaceDomainTegraVde(TegraDriver, ReplaceDomain, floor=360_000):
    """tegra_vde_iommu_init() and tegra_vde_iommu_deinit()."""

    # What the checker found. Each reason is the story of the shortest trace.

    @invariant(
        expect=VIOLATED,
        because="dev0's driver is bound in a group of two, nobody else is there; "
        "owner_cnt is its own claim, and iommu_attach_device() returns EBUSY.",
    )
    def own_claim_refuses_no_attach(self) -> bool:
        """Before 7/8, iommu_attach_group() asked neither for a flag nor for a claim."""
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
        because="one of two devices is the video decoder, whose driver makes no DMA "
        "through the DMA API.",
    )
    def siblings_both_bound(self) -> bool:
        """L6: this group has one device that uses the DMA API at most."""
        return super().siblings_both_bound()

    @reachable(
        expect=VIOLATED,
        because="there is one video decoder.",
    )
    def siblings_share_a_private_domain(self) -> bool:
        """Nobody shares the domain of the video decoder."""
        return super().siblings_share_a_private_domain()


# Twins: each must violate what it names.


class DriverIsNotCounted(
    twins.DriverIsNotCounted,
    ReplaceDomainTegraVde,
    breaks=("no_kernel_dma_beside_a_user", "owner_cnt_exact", "one_owner_at_a_time"),
):
    """A driver is let in without `owner_cnt++`."""


class SwitchesByWayOfDefault(
    twins.SwitchesByWayOfDefault,
    ReplaceDomainTegraVde,
    breaks="replace_never_passes_through_default",
):
    """The group is on the default domain between two others."""


class DriverPutsTwice(
    twins.DriverPutsTwice, ReplaceDomainTegraVde, breaks="no_warn_or_underflow"
):
    """dma_cleanup() is called twice."""


class AddsUnderTheLock(
    twins.AddsUnderTheLock, ReplaceDomainTegraVde, breaks="deadlock"
):
    """iommu_probe_device() asks for a mutex that it holds."""


class AddsTwice(twins.AddsTwice, ReplaceDomainTegraVde, breaks="no_evaluation_error"):
    """A newcomer is in the list twice, which has no room for it."""


class AttachIsNotCounted(
    replace_domain.AttachIsNotCounted, ReplaceDomainTegraVde, breaks="attach_cnt_exact"
):
    """`attach_cnt++` is gone."""
