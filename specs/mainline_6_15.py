"""Linux 6.15: iommufd attaches, replaces and detaches, device by device.

drivers/iommu/iommufd/device.c at commit 55c85fa7579d, which refuses to replace what is
not attached, on the group of Linux 6.5. A replace, since Linux 6.6, goes from domain to
domain and moves the users of all devices of the group.

The threads of two devices are not kept apart here. VFIO does so with the mutex of its
`dev_set`; the devices of a group need not share one.

Left out: attaches that fail, devices that share a table entry, and drivers with a
domain of their own.

Link: https://git.kernel.org/torvalds/c/55c85fa7579d
"""

from kernel.iommufd import Iommufd
from kernel.objects import Device, Driver, Errno, Failure
from mainline_6_5 import Linux65
from modelcheck import VIOLATED, invariant, reachable, require


class Linux615(Linux65, Iommufd, floor=610_000):
    """drivers/iommu/iommufd/device.c at commit 55c85fa7579d."""

    alias = False
    failures = len(Failure)

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

    @reachable(
        expect=VIOLATED,
        because="drivers with a domain of their own are left out here.",
    )
    def private_domain_detached(self) -> bool:
        """That is the story of mainline_6_5.py."""
        return super().private_domain_detached()
