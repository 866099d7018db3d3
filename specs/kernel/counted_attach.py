"""The per-device attach with a counter, as "[RFC 13/20]" wrote it.

"iommu: Extend iommu_at[de]tach_device() for multiple devices group", 19 September 2021:
in a group that a user owns, the first caller attaches the group, the last one detaches
it. Anywhere else the rule of 2015 is in force. The owner is that of v5 of the ownership
series; what the RFC had for it is another design.

Link: https://lore.kernel.org/r/20210919063848.1476776-14-yi.l.liu@intel.com
"""

from typing import Annotated

from kernel.happy_paths import HappyPaths
from kernel.objects import Device, Domain, Driver, Errno, File
from modelcheck import invariant, require

ATTACH_MAX = 2 * len(Device) + 1


class CountedAttach(HappyPaths):
    """A `refcount_t` neither wraps nor underflows: it stays where it is, and warns."""

    attach_cnt: Annotated[int, range(0, ATTACH_MAX + 1)] = 0

    # Ghost: a request of the owner consists of several calls, and is not over.
    walking: bool = False
    underflowed: bool = False

    def has_warned(self) -> bool:
        """A counter that underflows warns, too."""
        return super().has_warned() or self.underflowed

    async def really_probe(self, dev: Device, driver: Driver) -> Errno:
        """Bind. There was no flag in 2021: the driver core claims for all but VFIO."""
        require(driver is not Driver.PRIVATE_DOMAIN)
        return await super().really_probe(dev, driver)

    async def iommu_attach_device(self, domain: Domain, dev: Device) -> Errno:
        """The first one attaches the group, if a user owns it."""
        async with self.mutex:
            if self.owner is not None:
                if self.domain is not None:
                    if self.domain is not domain:
                        return Errno.EBUSY
                    self.attach_cnt = min(self.attach_cnt + 1, ATTACH_MAX)
                    return Errno.OK
            elif len(self.devices) != 1:
                return Errno.EINVAL
            ret = self._iommu_attach_group(domain)
            if ret is Errno.OK and self.owner is not None:
                self.attach_cnt = 1
            if ret is Errno.OK and domain is Domain.PRIVATE:
                self.attached.add(dev)
        return ret

    async def iommu_detach_device(self, domain: Domain, dev: Device) -> None:
        """The last one detaches the group; nobody asks from which domain."""
        async with self.mutex:
            if domain is Domain.PRIVATE:
                self.attached.discard(dev)
            if self.owner is not None:
                if self.attach_cnt == 0:
                    self.underflowed = True
                    return
                self.attach_cnt -= 1
                if self.attach_cnt > 0:
                    return
            elif len(self.devices) != 1:
                self.warned = True
                return
            self._iommu_detach_group()

    @invariant
    def attach_cnt_exact(self) -> bool:
        """I6: the counter is zero as long as no user is attached, and only then."""
        return self.walking or (self.attach_cnt == 0) == all(
            self.vfio_domain[file] is None for file in File
        )

    @invariant
    def attach_cnt_does_not_underflow(self) -> bool:
        """I7: refcount_dec_and_test() is not called for a counter that is zero."""
        return not self.underflowed

    @invariant
    def balance_leaves_no_freed_domain(self) -> bool:
        """I9: where no attach fails and nothing warns, no device is on a freed domain.

        Jason Gunthorpe, 23 December 2021: "this won't reliably balance".
        """
        return (
            self.failures > 0
            or self.has_warned()
            or not any(self.is_freed(self.hw[dev]) for dev in self.devices)
        )
