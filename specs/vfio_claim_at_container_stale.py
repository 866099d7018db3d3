"""VFIO claims when the group joins a container; a detached device stays where it is.

As `vfio_claim_at_container_blocks`, on hardware whose driver has no detach. No register
is reached before SET_IOMMU, but until then the claimed group is on the default domain,
and after it the driver finds a domain that VFIO has freed (commit 0286300e6045).
"""

from kernel import twins, vfio_twins
from kernel.detaching import Detach
from modelcheck import VIOLATED, invariant
from vfio_claim_at_container_blocks import ClaimAtContainerBlocks


class ClaimAtContainerStale(ClaimAtContainerBlocks, floor=580_000):
    """SET_CONTAINER, SET_IOMMU, GET_DEVICE_FD, where detach does nothing."""

    detach = Detach.NOTHING

    # What the checker found. Each reason is the story of the shortest trace.

    @invariant(
        expect=VIOLATED,
        because="a user claims the group, no other step is needed: `domain` is NULL, "
        "and dev0's table entry still has the default domain.",
    )
    def user_reaches_only_its_own_memory(self) -> bool:
        """I3: `domain` says that the group is detached, the hardware does not."""
        return super().user_reaches_only_its_own_memory()

    @invariant(
        expect=VIOLATED,
        because="a user attaches, detaches and leaves dev1 on its domain; the release "
        "fails to attach the default one, and a DMA-API driver probes dev1.",
    )
    def dma_api_driver_on_default_domain(self) -> bool:
        """I4: use_default_domain() looks at `domain` only if owner_cnt > 0."""
        return super().dma_api_driver_on_default_domain()

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
    ClaimAtContainerStale,
    breaks=("no_kernel_dma_beside_a_user", "owner_cnt_exact", "one_owner_at_a_time"),
):
    """A driver is let in without `owner_cnt++`."""


class SwitchesByWayOfDefault(
    twins.SwitchesByWayOfDefault,
    ClaimAtContainerStale,
    breaks="replace_never_passes_through_default",
):
    """The group is on the default domain between two others."""


class AddsUnderTheLock(
    twins.AddsUnderTheLock, ClaimAtContainerStale, breaks="deadlock"
):
    """iommu_probe_device() asks for a mutex that it holds."""


class AddsTwice(twins.AddsTwice, ClaimAtContainerStale, breaks="no_evaluation_error"):
    """A newcomer is in the list twice, which has no room for it."""


class MmioByWayOfDefault(
    vfio_twins.MmioByWayOfDefault,
    ClaimAtContainerStale,
    breaks="mmio_reaches_only_own_memory",
):
    """A write to a register finds the device on the default domain."""


class ReleasesWhileOpen(
    vfio_twins.ReleasesWhileOpen,
    ClaimAtContainerStale,
    breaks="usable_only_after_the_claim",
):
    """The claim is given back while the device is open."""


class ClaimsAgainAtOpen(
    vfio_twins.ClaimsAgainAtOpen,
    ClaimAtContainerStale,
    breaks="container_promises_its_devices",
):
    """A claim that does not nest is made a second time."""
