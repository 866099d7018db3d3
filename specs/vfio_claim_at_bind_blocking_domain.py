"""A claim, MMIO at once, and a domain later; the claim attaches a blocking domain.

As `vfio_claim_at_bind_blocks`, with the group of Linux 6.0 and on the worst hardware:
"If we had an IOMMU domain we could solve this by just assigning the correct domain"
(Jason Gunthorpe, 23 December 2021). Commit 0286300e6045 does.

Link: https://git.kernel.org/torvalds/c/0286300e6045
"""

from kernel import twins, vfio_twins
from kernel.vfio_claiming import ClaimAtBind
from mainline_6_0 import Linux60
from modelcheck import VIOLATED, invariant


class ClaimAtBindBlockingDomain(ClaimAtBind, Linux60, floor=410_000):
    """BIND, MMIO, ATTACH, DETACH; the IOMMU driver does nothing on detach."""

    # What the checker found. Each reason is the story of the shortest trace.

    @invariant(
        expect=VIOLATED,
        because="the only device refuses the default domain when its driver detaches.",
    )
    def no_warn_on_reattach(self) -> bool:
        """I7: to detach cannot fail, but it can warn."""
        return super().no_warn_on_reattach()

    @invariant(
        expect=VIOLATED,
        because="a user's BIND fails with dev1 on the blocking domain; dev0 is "
        "unbound, and no WARN_ON() tells.",
    )
    def idle_group_is_clean(self) -> bool:
        """I8: who fails to claim leaves a device blocked."""
        return super().idle_group_is_clean()


# Twins: each must violate what it names.


class DriverIsNotCounted(
    twins.DriverIsNotCounted,
    ClaimAtBindBlockingDomain,
    breaks=("no_kernel_dma_beside_a_user", "owner_cnt_exact", "one_owner_at_a_time"),
):
    """A driver is let in without `owner_cnt++`."""


class SwitchesByWayOfDefault(
    twins.SwitchesByWayOfDefault,
    ClaimAtBindBlockingDomain,
    breaks=("replace_never_passes_through_default", "user_reaches_only_its_own_memory"),
):
    """The group is on the default domain between two others."""


class FreesBeforeDetaching(
    twins.FreesBeforeDetaching,
    ClaimAtBindBlockingDomain,
    breaks="driver_reads_no_freed_domain",
):
    """VFIO frees the domain, and then the group leaves it."""


class AddsUnderTheLock(
    twins.AddsUnderTheLock, ClaimAtBindBlockingDomain, breaks="deadlock"
):
    """iommu_probe_device() asks for a mutex that it holds."""


class AddsTwice(
    twins.AddsTwice, ClaimAtBindBlockingDomain, breaks="no_evaluation_error"
):
    """A newcomer is in the list twice, which has no room for it."""


class MmioByWayOfDefault(
    vfio_twins.MmioByWayOfDefault,
    ClaimAtBindBlockingDomain,
    breaks="mmio_reaches_only_own_memory",
):
    """A write to a register finds the device on the default domain."""


class ReleasesWhileOpen(
    vfio_twins.ReleasesWhileOpen,
    ClaimAtBindBlockingDomain,
    breaks="usable_only_after_the_claim",
):
    """The claim is given back while the device is open."""


class RemovalWaitsForTheContainer(
    vfio_twins.RemovalWaitsForTheContainer,
    ClaimAtBindBlockingDomain,
    breaks="removal_waits_for_open_devices_only",
):
    """The last device waits until the container lets go of the group."""


class ClosesWithoutRelease(
    vfio_twins.ClosesWithoutRelease,
    ClaimAtBindBlockingDomain,
    breaks="idle_group_refuses_no_driver",
):
    """The group stays claimed when the device is closed."""


class ClaimsAgainAtOpen(
    vfio_twins.ClaimsAgainAtOpen,
    ClaimAtBindBlockingDomain,
    breaks="container_promises_its_devices",
):
    """A claim that does not nest is made a second time."""
