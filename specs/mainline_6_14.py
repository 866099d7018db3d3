"""Linux 6.14: iommufd attaches, replaces and detaches, device by device.

drivers/iommu/iommufd/device.c at commit 55c85fa7579d, which refuses to replace what is
not attached (merged for 6.15 ahead of what mainline_6_15.py is about, and in 6.14.3),
on the group of Linux 6.5. A replace, since Linux 6.6, goes from domain to domain and
moves the users of all devices of the group.

The caller is VFIO, with the character devices of two devices of one group, opened by
one process and used by two threads; both are bound to one iommufd context, and share
its `igroup`. VFIO makes each call with the mutex of the device's `dev_set` held. Here
the two devices are in different sets: vfio_pci_core_register_device() gives a device on
the root bus a set of its own, and others one for their slot or bus, and functions of a
root complex without ACS, or devices behind different ports of a switch without it, are
one group all the same. If they are in one set, nothing of this happens:
mainline_6_14_one_dev_set.py.

Left out: attaches that fail, devices that share a table entry, and drivers with a
domain of their own.

Link: https://git.kernel.org/torvalds/c/55c85fa7579d
"""

from kernel import iommufd_twins, twins
from kernel.iommufd import Iommufd
from kernel.objects import Device, Driver, Errno
from mainline_6_5 import Linux65
from modelcheck import VIOLATED, invariant, reachable, require


class Linux614(Linux65, Iommufd, floor=610_000):
    """drivers/iommu/iommufd/device.c at commit 55c85fa7579d."""

    alias = False

    def may_refuse(self) -> bool:
        """No attach fails."""
        return False

    async def really_probe(self, dev: Device, driver: Driver) -> Errno:
        """Drivers with a domain of their own are left out."""
        require(driver in {Driver.DMA_API, Driver.VFIO})
        return await super().really_probe(dev, driver)

    # What the checker found. Each reason is the story of the shortest trace.

    @invariant
    def one_domain_for_all_devices(self) -> bool:
        """I1: no attach fails here."""
        return super().one_domain_for_all_devices()

    @invariant
    def no_warn_or_underflow(self) -> bool:
        """I7: no driver has a domain of its own here."""
        return super().no_warn_or_underflow()

    @invariant
    def no_warn_on_reattach(self) -> bool:
        """I7: no attach fails here."""
        return super().no_warn_on_reattach()

    @invariant(
        expect=VIOLATED,
        because="dev0's thread reads the hwpt that it is about to detach from, "
        "and waits for the lock; dev1's replaces it for both and puts "
        "the old one; dev0's puts the old one, too.",
    )
    def hwpt_users_do_not_underflow(self) -> bool:
        """I7: `igroup->hwpt` is read before `igroup->lock` is taken."""
        return super().hwpt_users_do_not_underflow()

    @invariant(
        expect=VIOLATED,
        because="as above, but dev1's thread goes back to the old IOAS before "
        "dev0's puts what it has read: the domain is freed, and the "
        "group attached to it.",
    )
    def no_freed_domain_in_hardware(self) -> bool:
        """I9: a count that is one too low."""
        return super().no_freed_domain_in_hardware()

    @invariant(
        expect=VIOLATED,
        because="the same: the domain that the group is on has been put by a "
        "thread that had another one in mind.",
    )
    def no_freed_domain_in_the_group(self) -> bool:
        """I9: a count that is one too low."""
        return super().no_freed_domain_in_the_group()

    @invariant(
        expect=VIOLATED,
        because="the same, and then dev0's thread detaches: the group leaves a "
        "domain that has been freed.",
    )
    def driver_reads_no_freed_domain(self) -> bool:
        """I9: a count that is one too low."""
        return super().driver_reads_no_freed_domain()

    @reachable(
        expect=VIOLATED,
        because="drivers with a domain of their own are left out here.",
    )
    def private_domain_detached(self) -> bool:
        """That is the story of mainline_6_5.py."""
        return super().private_domain_detached()


# Twins: each must violate what it names.


class DriverIsNotCounted(
    twins.DriverIsNotCounted,
    Linux614,
    breaks=(
        "no_kernel_dma_beside_a_user",
        "one_owner_at_a_time",
        "owner_cnt_exact",
        "no_warn_or_underflow",
    ),
):
    """A driver is let in without `owner_cnt++`."""


class DriverLeavesItsDomain(
    twins.DriverLeavesItsDomain,
    Linux614,
    breaks=(
        "private_domain_stable_until_detach",
        "dma_api_driver_on_default_domain",
        "idle_group_is_clean",
    ),
):
    """A DMA-API driver frees a domain of its own that the group is on."""


class NobodyIsMovedBack(
    twins.NobodyIsMovedBack,
    Linux614,
    breaks=(
        "failed_call_changes_nothing",
        "one_domain_for_all_devices",
        "no_warn_on_reattach",
    ),
):
    """Attaches may fail, and end the walk as they did in 6.0."""


class NewcomerIsNotAttached(
    twins.NewcomerIsNotAttached, Linux614, breaks="newcomer_inherits_the_domain"
):
    """A newcomer joins the list, and that is all."""


class ReleasedDeviceIsBlocked(
    twins.ReleasedDeviceIsBlocked, Linux614, breaks="released_device_stays_detached"
):
    """A device is blocked for good, after the IOMMU driver has let go of it."""


class AddsUnderTheLock(twins.AddsUnderTheLock, Linux614, breaks="deadlock"):
    """iommu_probe_device() asks for a mutex that it holds."""


class AddsTwice(twins.AddsTwice, Linux614, breaks="no_evaluation_error"):
    """A newcomer is in the list twice, which has no room for it."""


class ReplacesByWayOfDefault(
    iommufd_twins.ReplacesByWayOfDefault,
    Linux614,
    breaks=("replace_never_passes_through_default", "user_reaches_only_its_own_memory"),
):
    """A replace that gives the group back to the kernel in between."""
