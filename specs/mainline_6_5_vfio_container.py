"""Linux 6.5 with a VFIO container in full, which the kernel may take away.

From 6.2 on the group that loses its last device loses its container (commit
ca5f21b25749, "vfio: Follow a strict lifetime for struct iommu_group"), so that nobody
waits for a user who does not close it. The ioctls that come too late get an error.

Link: https://git.kernel.org/torvalds/c/ca5f21b25749
"""

import mainline_6_5
from kernel import twins, vfio_twins
from kernel.vfio_lifetime import VfioStrictLifetime
from mainline_6_5 import Linux65


class Linux65VfioContainer(VfioStrictLifetime, Linux65, floor=2_100_000):
    """drivers/vfio/group.c and container.c; what went wrong before is as before."""


# Twins: each must violate what it names.


class DriverIsNotCounted(
    twins.DriverIsNotCounted,
    Linux65VfioContainer,
    breaks=("no_kernel_dma_beside_a_user", "owner_cnt_exact", "one_owner_at_a_time"),
):
    """A driver is let in without `owner_cnt++`."""


class SwitchesByWayOfDefault(
    twins.SwitchesByWayOfDefault,
    Linux65VfioContainer,
    breaks=("replace_never_passes_through_default", "user_reaches_only_its_own_memory"),
):
    """The group is on the default domain between two others."""


class FreesBeforeDetaching(
    twins.FreesBeforeDetaching,
    Linux65VfioContainer,
    breaks="driver_reads_no_freed_domain",
):
    """VFIO frees the domain, and then the group leaves it."""


class AddsUnderTheLock(twins.AddsUnderTheLock, Linux65VfioContainer, breaks="deadlock"):
    """iommu_probe_device() asks for a mutex that it holds."""


class AddsTwice(twins.AddsTwice, Linux65VfioContainer, breaks="no_evaluation_error"):
    """A newcomer is in the list twice, which has no room for it."""


class NewcomerIsNotAttached(
    mainline_6_5.NewcomerIsNotAttached,
    Linux65VfioContainer,
    breaks="newcomer_inherits_the_domain",
):
    """A newcomer joins the list, and that is all."""


class NewcomerMovesTheGroup(
    mainline_6_5.NewcomerMovesTheGroup,
    Linux65VfioContainer,
    breaks="private_domain_stable_until_detach",
):
    """deac0b3bed26 again: a newcomer brings the default domain along."""


class NobodyIsMovedBack(
    mainline_6_5.NobodyIsMovedBack,
    Linux65VfioContainer,
    breaks="failed_call_changes_nothing",
):
    """Without dcf40ed3a20d: the walk of 6.0, which ends at the first error."""


class ReleasedDeviceIsBlocked(
    mainline_6_5.ReleasedDeviceIsBlocked,
    Linux65VfioContainer,
    breaks="released_device_stays_detached",
):
    """A device is blocked for good, after the IOMMU driver has let go of it."""


class MmioByWayOfDefault(
    vfio_twins.MmioByWayOfDefault,
    Linux65VfioContainer,
    breaks="mmio_reaches_only_own_memory",
):
    """A write to a register finds the device on the default domain."""


class ReleasesWhileOpen(
    vfio_twins.ReleasesWhileOpen,
    Linux65VfioContainer,
    breaks="usable_only_after_the_claim",
):
    """The claim is given back while the device is open."""


class RemovalWaitsForTheContainer(
    vfio_twins.RemovalWaitsForTheContainer,
    Linux65VfioContainer,
    breaks="removal_waits_for_open_devices_only",
):
    """The last device waits until the container lets go of the group."""


class DriverIgnoresTheRefusal(
    twins.DriverIgnoresTheRefusal,
    Linux65VfioContainer,
    breaks="dma_api_driver_on_default_domain",
):
    """A driver probes although a user owns the group."""


class DetachDoesNothing(
    twins.DetachDoesNothing,
    Linux65VfioContainer,
    breaks=("idle_group_is_clean", "no_freed_domain_in_hardware"),
):
    """The group stays on the domain that it should leave."""
