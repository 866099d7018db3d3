"""Linux 6.0 with a VFIO container in full, on the worst hardware.

As in 5.19, but between SET_CONTAINER and SET_IOMMU, and between detaching a domain and
the release of the group, the devices are on the blocking domain (commit 0286300e6045).
What a user reaches no longer depends on what the hardware does on detach.

Link: https://git.kernel.org/torvalds/c/0286300e6045
"""

from kernel import twins, vfio_twins
from kernel.vfio_container import VfioContainer
from mainline_6_0 import Linux60
from modelcheck import VIOLATED, invariant


class Linux60VfioContainer(VfioContainer, Linux60, floor=690_000):
    """The IOMMU driver does nothing on detach."""

    # What the checker found. Each reason is the story of the shortest trace.

    @invariant(
        expect=VIOLATED,
        because="dev0 is being unbound from VFIO when its user sets the container; "
        "remove() now waits until the user closes it.",
    )
    def removal_waits_for_open_devices_only(self) -> bool:
        """L4: a user may keep a container for ever, and needs no device for it."""
        return super().removal_waits_for_open_devices_only()


# Twins: each must violate what it names.


class DriverIsNotCounted(
    twins.DriverIsNotCounted,
    Linux60VfioContainer,
    breaks=("no_kernel_dma_beside_a_user", "owner_cnt_exact", "one_owner_at_a_time"),
):
    """A driver is let in without `owner_cnt++`."""


class SwitchesByWayOfDefault(
    twins.SwitchesByWayOfDefault,
    Linux60VfioContainer,
    breaks=("replace_never_passes_through_default", "user_reaches_only_its_own_memory"),
):
    """The group is on the default domain between two others."""


class FreesBeforeDetaching(
    twins.FreesBeforeDetaching,
    Linux60VfioContainer,
    breaks="driver_reads_no_freed_domain",
):
    """VFIO frees the domain, and then the group leaves it."""


class AddsUnderTheLock(twins.AddsUnderTheLock, Linux60VfioContainer, breaks="deadlock"):
    """iommu_probe_device() asks for a mutex that it holds."""


class AddsTwice(twins.AddsTwice, Linux60VfioContainer, breaks="no_evaluation_error"):
    """A newcomer is in the list twice, which has no room for it."""


class MmioByWayOfDefault(
    vfio_twins.MmioByWayOfDefault,
    Linux60VfioContainer,
    breaks="mmio_reaches_only_own_memory",
):
    """A write to a register finds the device on the default domain."""


class ReleasesWhileOpen(
    vfio_twins.ReleasesWhileOpen,
    Linux60VfioContainer,
    breaks="usable_only_after_the_claim",
):
    """The claim is given back while the device is open."""
