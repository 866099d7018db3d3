"""VFIO claims when a device is opened; a detached device is blocked.

Jason Gunthorpe, 22 September 2021: "when the group goes to create the device fd it
should simply do the iommu_device_init_user_dma() followed immediately by a call to bind
the container IOAS". iommufd does so for groups today. The group of the claim is that of
Linux 5.19, and the hardware is the kindest.

A driver may bind beside a container that has no device open. The price: after
SET_CONTAINER a user may still be refused its device.
"""

from kernel import twins, vfio_twins
from kernel.detaching import Detach
from kernel.vfio_claiming import ClaimAtOpen
from mainline_5_19 import Linux519
from modelcheck import VIOLATED, invariant


class ClaimAtOpenBlocks(ClaimAtOpen, Linux519, floor=280_000):
    """SET_CONTAINER, GET_DEVICE_FD, on an IOMMU that blocks."""

    detach = Detach.BLOCKS

    # What the checker found. Each reason is the story of the shortest trace.

    @invariant(
        expect=VIOLATED,
        because="a user has set its container because of dev0; a DMA-API driver is "
        "bound to dev1, and GET_DEVICE_FD for dev0 returns EPERM.",
    )
    def container_promises_its_devices(self) -> bool:
        """The price of a late claim: safe, but visible to userspace."""
        return super().container_promises_its_devices()

    @invariant(
        expect=VIOLATED,
        because="GET_DEVICE_FD moves dev1 to the user's domain, dev0 refuses it, and "
        "the group, which has no domain, is apart.",
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
        because="a user closes dev0, which refuses the default domain; the group is "
        "left with none when dev0 is unbound. No WARN_ON() tells.",
    )
    def idle_group_is_clean(self) -> bool:
        """I8: the release ignores the result of the attach."""
        return super().idle_group_is_clean()

    @invariant(
        expect=VIOLATED,
        because="dev1's IOMMU driver has let go of it, but it is still in the list "
        "when GET_DEVICE_FD attaches the group.",
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
    ClaimAtOpenBlocks,
    breaks=("no_kernel_dma_beside_a_user", "owner_cnt_exact", "one_owner_at_a_time"),
):
    """A driver is let in without `owner_cnt++`."""


class SwitchesByWayOfDefault(
    twins.SwitchesByWayOfDefault,
    ClaimAtOpenBlocks,
    breaks="replace_never_passes_through_default",
):
    """The group is on the default domain between two others."""


class FreesBeforeDetaching(
    twins.FreesBeforeDetaching, ClaimAtOpenBlocks, breaks="driver_reads_no_freed_domain"
):
    """VFIO frees the domain, and then the group leaves it."""


class AddsUnderTheLock(twins.AddsUnderTheLock, ClaimAtOpenBlocks, breaks="deadlock"):
    """iommu_probe_device() asks for a mutex that it holds."""


class AddsTwice(twins.AddsTwice, ClaimAtOpenBlocks, breaks="no_evaluation_error"):
    """A newcomer is in the list twice, which has no room for it."""


class MmioByWayOfDefault(
    vfio_twins.MmioByWayOfDefault,
    ClaimAtOpenBlocks,
    breaks="mmio_reaches_only_own_memory",
):
    """A write to a register finds the device on the default domain."""


class ReleasesWhileOpen(
    vfio_twins.ReleasesWhileOpen,
    ClaimAtOpenBlocks,
    breaks="usable_only_after_the_claim",
):
    """The claim is given back while the device is open."""


class RemovalWaitsForTheContainer(
    vfio_twins.RemovalWaitsForTheContainer,
    ClaimAtOpenBlocks,
    breaks="removal_waits_for_open_devices_only",
):
    """The last device waits until the container lets go of the group."""


class ClosesWithoutRelease(
    vfio_twins.ClosesWithoutRelease,
    ClaimAtOpenBlocks,
    breaks="idle_group_refuses_no_driver",
):
    """The group stays claimed when the device is closed."""
