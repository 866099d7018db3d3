"""A claim, MMIO at once, and a domain later; a detached device is blocked.

Lu Baolu, 23 December 2021: "after the USER ownership is claimed the device could
be accessed by userspace through the MMIO registers. So, a device could be accessible by
userspace before a user-space I/O address is attached." The device cdev of iommufd works
like this: BIND claims, ATTACH comes later or never. The group is that of Linux 5.19,
where a claimed group has no domain, and the hardware is the kindest.
"""

from kernel import twins, vfio_twins
from kernel.detaching import Detach
from kernel.vfio_claiming import ClaimAtBind
from mainline_5_19 import Linux519
from modelcheck import VIOLATED, invariant


class ClaimAtBindBlocks(ClaimAtBind, Linux519, floor=350_000):
    """BIND, MMIO, ATTACH, DETACH, on an IOMMU that blocks."""

    detach = Detach.BLOCKS

    # What the checker found. Each reason is the story of the shortest trace.

    @invariant(
        expect=VIOLATED,
        because="the release of the first BIND moves dev1 to the default domain, dev0 "
        "refuses it; the second BIND finds no domain to detach, and the user's MMIO "
        "makes a device reach the default domain.",
    )
    def mmio_reaches_only_own_memory(self) -> bool:
        """I3: it takes a failure; with hardware that blocks nothing else does it."""
        return super().mmio_reaches_only_own_memory()

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
        because="a user closes dev0, which refuses the default domain; the group is "
        "left with none when dev0 is unbound. No WARN_ON() tells.",
    )
    def idle_group_is_clean(self) -> bool:
        """I8: the release ignores the result of the attach."""
        return super().idle_group_is_clean()

    @invariant(
        expect=VIOLATED,
        because="dev1's IOMMU driver has let go of it, but it is still in the list "
        "when the user releases the group and all get the default domain.",
    )
    def released_device_stays_detached(self) -> bool:
        """The release and the removal from the list are two critical sections."""
        return super().released_device_stays_detached()

    @invariant
    def replace_never_passes_through_default(self) -> bool:
        """I18: VFIO detaches first, and the device then reaches nothing."""
        return super().replace_never_passes_through_default()

    @invariant
    def driver_reads_no_freed_domain(self) -> bool:
        """I9: a detached device has left the domain that VFIO frees."""
        return super().driver_reads_no_freed_domain()


# Twins: each must violate what it names.


class DriverIsNotCounted(
    twins.DriverIsNotCounted,
    ClaimAtBindBlocks,
    breaks=("no_kernel_dma_beside_a_user", "owner_cnt_exact", "one_owner_at_a_time"),
):
    """A driver is let in without `owner_cnt++`."""


class SwitchesByWayOfDefault(
    twins.SwitchesByWayOfDefault,
    ClaimAtBindBlocks,
    breaks="replace_never_passes_through_default",
):
    """The group is on the default domain between two others."""


class FreesBeforeDetaching(
    twins.FreesBeforeDetaching, ClaimAtBindBlocks, breaks="driver_reads_no_freed_domain"
):
    """VFIO frees the domain, and then the group leaves it."""


class AddsUnderTheLock(twins.AddsUnderTheLock, ClaimAtBindBlocks, breaks="deadlock"):
    """iommu_probe_device() asks for a mutex that it holds."""


class AddsTwice(twins.AddsTwice, ClaimAtBindBlocks, breaks="no_evaluation_error"):
    """A newcomer is in the list twice, which has no room for it."""


class ReleasesWhileOpen(
    vfio_twins.ReleasesWhileOpen,
    ClaimAtBindBlocks,
    breaks="usable_only_after_the_claim",
):
    """The claim is given back while the device is open."""


class RemovalWaitsForTheContainer(
    vfio_twins.RemovalWaitsForTheContainer,
    ClaimAtBindBlocks,
    breaks="removal_waits_for_open_devices_only",
):
    """The last device waits until the container lets go of the group."""


class ClosesWithoutRelease(
    vfio_twins.ClosesWithoutRelease,
    ClaimAtBindBlocks,
    breaks="idle_group_refuses_no_driver",
):
    """The group stays claimed when the device is closed."""


class ClaimsAgainAtOpen(
    vfio_twins.ClaimsAgainAtOpen,
    ClaimAtBindBlocks,
    breaks="container_promises_its_devices",
):
    """A claim that does not nest is made a second time."""
