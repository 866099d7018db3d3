"""VFIO claims when a device is opened; a detached device stays where it is.

As `vfio_claim_at_open_blocks`, on hardware whose driver has no detach.
"""

from kernel import twins, vfio_twins
from kernel.detaching import Detach
from modelcheck import VIOLATED, invariant
from vfio_claim_at_open_blocks import ClaimAtOpenBlocks


class ClaimAtOpenStale(ClaimAtOpenBlocks, floor=340_000):
    """SET_CONTAINER, GET_DEVICE_FD, where detach does nothing."""

    detach = Detach.NOTHING

    # What the checker found. Each reason is the story of the shortest trace.

    @invariant(
        expect=VIOLATED,
        because="GET_DEVICE_FD claims the group: `domain` is NULL, and dev0's table "
        "entry has the default domain until the attach.",
    )
    def user_reaches_only_its_own_memory(self) -> bool:
        """I3: a short window, and nobody can reach a register in it."""
        return super().user_reaches_only_its_own_memory()

    @invariant(
        expect=VIOLATED,
        because="a user attaches, detaches and frees its domain, but this IOMMU does "
        "nothing on detach; when the release attaches the default domain, the driver "
        "reads the freed one.",
    )
    def driver_reads_no_freed_domain(self) -> bool:
        """I9: the bug of commit 0286300e6045, without any failure."""
        return super().driver_reads_no_freed_domain()


# Twins: each must violate what it names.


class DriverIsNotCounted(
    twins.DriverIsNotCounted,
    ClaimAtOpenStale,
    breaks=("no_kernel_dma_beside_a_user", "owner_cnt_exact", "one_owner_at_a_time"),
):
    """A driver is let in without `owner_cnt++`."""


class SwitchesByWayOfDefault(
    twins.SwitchesByWayOfDefault,
    ClaimAtOpenStale,
    breaks="replace_never_passes_through_default",
):
    """The group is on the default domain between two others."""


class AddsUnderTheLock(twins.AddsUnderTheLock, ClaimAtOpenStale, breaks="deadlock"):
    """iommu_probe_device() asks for a mutex that it holds."""


class AddsTwice(twins.AddsTwice, ClaimAtOpenStale, breaks="no_evaluation_error"):
    """A newcomer is in the list twice, which has no room for it."""


class MmioByWayOfDefault(
    vfio_twins.MmioByWayOfDefault,
    ClaimAtOpenStale,
    breaks="mmio_reaches_only_own_memory",
):
    """A write to a register finds the device on the default domain."""


class ReleasesWhileOpen(
    vfio_twins.ReleasesWhileOpen, ClaimAtOpenStale, breaks="usable_only_after_the_claim"
):
    """The claim is given back while the device is open."""


class RemovalWaitsForTheContainer(
    vfio_twins.RemovalWaitsForTheContainer,
    ClaimAtOpenStale,
    breaks="removal_waits_for_open_devices_only",
):
    """The last device waits until the container lets go of the group."""


class ClosesWithoutRelease(
    vfio_twins.ClosesWithoutRelease,
    ClaimAtOpenStale,
    breaks="idle_group_refuses_no_driver",
):
    """The group stays claimed when the device is closed."""
