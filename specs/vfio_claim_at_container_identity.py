"""VFIO claims when the group joins a container; a detached device is untranslated.

As `vfio_claim_at_container_blocks`, on hardware that lets a device without a domain
pass all its DMA through. No device is open before SET_IOMMU, so no register is reached
while the group has no domain, but the group is the user's, and whatever a device of it
was left to do has all memory for its target.
"""

from kernel import twins, vfio_twins
from kernel.detaching import Detach
from modelcheck import VIOLATED, invariant
from vfio_claim_at_container_blocks import ClaimAtContainerBlocks


class ClaimAtContainerIdentity(ClaimAtContainerBlocks, floor=650_000):
    """SET_CONTAINER, SET_IOMMU, GET_DEVICE_FD, on an IOMMU that passes through."""

    detach = Detach.IDENTITY

    # What the checker found. Each reason is the story of the shortest trace.

    @invariant(
        expect=VIOLATED,
        because="a user claims the group, no other step is needed: the domain is "
        "detached, and this IOMMU then lets the device pass untranslated.",
    )
    def user_reaches_only_its_own_memory(self) -> bool:
        """I3: without a domain the hardware decides, and this one passes all DMA."""
        return super().user_reaches_only_its_own_memory()

    @invariant(
        expect=VIOLATED,
        because="a user whose container has a domain already attaches to a new one "
        "first; between that detach and the attach dev0 passes untranslated.",
    )
    def replace_never_passes_through_default(self) -> bool:
        """I18: type1 detaches before it attaches, and the hardware fills the gap."""
        return super().replace_never_passes_through_default()

    @invariant(
        expect=VIOLATED,
        because="dev1's IOMMU driver has let go of it, but it is still in the list "
        "when a user's claim detaches the group, which leaves dev1 on identity.",
    )
    def released_device_stays_detached(self) -> bool:
        """The release and the removal from the list are two critical sections."""
        return super().released_device_stays_detached()


# Twins: each must violate what it names.


class DriverIsNotCounted(
    twins.DriverIsNotCounted,
    ClaimAtContainerIdentity,
    breaks=("no_kernel_dma_beside_a_user", "owner_cnt_exact", "one_owner_at_a_time"),
):
    """A driver is let in without `owner_cnt++`."""


class FreesBeforeDetaching(
    twins.FreesBeforeDetaching,
    ClaimAtContainerIdentity,
    breaks="driver_reads_no_freed_domain",
):
    """VFIO frees the domain, and then the group leaves it."""


class AddsUnderTheLock(
    twins.AddsUnderTheLock, ClaimAtContainerIdentity, breaks="deadlock"
):
    """iommu_probe_device() asks for a mutex that it holds."""


class AddsTwice(
    twins.AddsTwice, ClaimAtContainerIdentity, breaks="no_evaluation_error"
):
    """A newcomer is in the list twice, which has no room for it."""


class MmioByWayOfDefault(
    vfio_twins.MmioByWayOfDefault,
    ClaimAtContainerIdentity,
    breaks="mmio_reaches_only_own_memory",
):
    """A write to a register finds the device on the default domain."""


class ReleasesWhileOpen(
    vfio_twins.ReleasesWhileOpen,
    ClaimAtContainerIdentity,
    breaks="usable_only_after_the_claim",
):
    """The claim is given back while the device is open."""


class ClaimsAgainAtOpen(
    vfio_twins.ClaimsAgainAtOpen,
    ClaimAtContainerIdentity,
    breaks="container_promises_its_devices",
):
    """A claim that does not nest is made a second time."""
