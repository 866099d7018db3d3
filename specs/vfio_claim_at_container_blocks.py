"""VFIO claims when the group joins a container; a detached device is blocked.

Kevin Tian, September 2021: "vfio requires the group in a security context before the
device is opened". So SET_CONTAINER claims, as in Linux 5.19, and SET_IOMMU attaches
before a device is opened. The kindest hardware: what is detached reaches nothing.

It costs what Jason Gunthorpe hinted at, "Until a device FD is opened the group fd is
kind of idle": a user without any device keeps drivers from binding.
"""

from kernel import twins, vfio_twins
from kernel.detaching import Detach
from kernel.vfio_claiming import ClaimAtContainer
from mainline_5_19_vfio_container import Linux519VfioContainer
from modelcheck import VIOLATED, invariant


class ClaimAtContainerBlocks(ClaimAtContainer, Linux519VfioContainer, floor=440_000):
    """SET_CONTAINER, SET_IOMMU, GET_DEVICE_FD, on an IOMMU that blocks."""

    detach = Detach.BLOCKS

    # What the checker found. Each reason is the story of the shortest trace.

    @invariant(
        expect=VIOLATED,
        because="a user has the group in its container because of dev1, and no device "
        "open; the DMA-API driver of dev0 gets EBUSY.",
    )
    def idle_group_refuses_no_driver(self) -> bool:
        """The price of an early claim; "kind of idle", but claimed."""
        return super().idle_group_refuses_no_driver()

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
    ClaimAtContainerBlocks,
    breaks=("no_kernel_dma_beside_a_user", "owner_cnt_exact", "one_owner_at_a_time"),
):
    """A driver is let in without `owner_cnt++`."""


class SwitchesByWayOfDefault(
    twins.SwitchesByWayOfDefault,
    ClaimAtContainerBlocks,
    breaks="replace_never_passes_through_default",
):
    """The group is on the default domain between two others."""


class FreesBeforeDetaching(
    twins.FreesBeforeDetaching,
    ClaimAtContainerBlocks,
    breaks="driver_reads_no_freed_domain",
):
    """VFIO frees the domain, and then the group leaves it."""


class AddsUnderTheLock(
    twins.AddsUnderTheLock, ClaimAtContainerBlocks, breaks="deadlock"
):
    """iommu_probe_device() asks for a mutex that it holds."""


class AddsTwice(twins.AddsTwice, ClaimAtContainerBlocks, breaks="no_evaluation_error"):
    """A newcomer is in the list twice, which has no room for it."""


class MmioByWayOfDefault(
    vfio_twins.MmioByWayOfDefault,
    ClaimAtContainerBlocks,
    breaks="mmio_reaches_only_own_memory",
):
    """A write to a register finds the device on the default domain."""


class ReleasesWhileOpen(
    vfio_twins.ReleasesWhileOpen,
    ClaimAtContainerBlocks,
    breaks="usable_only_after_the_claim",
):
    """The claim is given back while the device is open."""


class ClaimsAgainAtOpen(
    vfio_twins.ClaimsAgainAtOpen,
    ClaimAtContainerBlocks,
    breaks="container_promises_its_devices",
):
    """A claim that does not nest is made a second time."""
