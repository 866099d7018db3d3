"""PCI functions that are reset while their group is in use.

A reset may come at any time: sysfs, VFIO_DEVICE_RESET, an error handler. All but the
last need the device locked; the error handler is why any order is searched here. All
devices are in the group and stay there, as the comment on pci_dev_reset_iommu_prepare()
demands of its callers. Every device has ATS, and
no PASID is in use.
"""

from kernel.mainline import Mainline
from kernel.objects import Device, Domain, Errno
from modelcheck import init, invariant, preempt, process, reachable, require


class PciReset(Mainline):
    """`resetting_domain` is set from prepare to done, for the whole group."""

    resetting_domain: Domain | None = None

    # Ghosts: the devices whose prepare has succeeded; a prepare that came too early;
    # a device that was restored just now.
    resetting: set[Device] = set()
    met: set[Device] = set()
    restored: set[Device] = set()

    async def pci_dev_reset_iommu_prepare(self, dev: Device) -> Errno:
        """Block `dev`, and leave `group->domain` alone."""
        async with self.mutex:
            if self.resetting_domain is not None:
                self.met.add(dev)
                return Errno.EBUSY
            if self.domain is not Domain.BLOCKING:
                ret = self._iommu_attach_device(Domain.BLOCKING, dev)
                if ret is not Errno.OK:
                    return ret
            self.resetting_domain = Domain.BLOCKING
            self.resetting.add(dev)
        return Errno.OK

    async def pci_dev_reset_iommu_done(self, dev: Device) -> None:
        """Attach `dev` to what the group is on now."""
        async with self.mutex:
            self.resetting.discard(dev)
            self.restored.add(dev)
            if self.resetting_domain is None:
                return
            if self.domain is not None and self.domain is not Domain.BLOCKING:
                ret = self._iommu_attach_device(self.domain, dev)
                if ret is not Errno.OK:
                    self.reattach_warned = True
            self.resetting_domain = None
        self.restored.discard(dev)

    @init
    def boot(self) -> None:
        """All devices are there, and stay."""
        for dev in Device:
            self.devices.append(dev)
            self.ops_attach_dev(Domain.DEFAULT, dev)

    async def hot_unplug(self, dev: Device) -> None:
        """The two functions are not to be called beside iommu_release_device()."""
        require(dev not in self.devices)

    @process
    async def pci_reset_function(self, dev: Device) -> None:
        """Reset a device that is in the group."""
        while True:
            if await self.pci_dev_reset_iommu_prepare(dev) is Errno.OK:
                await preempt()
                await self.pci_dev_reset_iommu_done(dev)
            self.met.discard(dev)
            await preempt()

    @invariant
    def one_domain_for_all_devices(self) -> bool:
        """I1; a device that is being reset is exempt."""
        return self.mutex.locked() or all(
            self.hw[dev] is self.domain
            for dev in Device
            if self.is_settled(dev) and dev not in self.resetting
        )

    @invariant
    def dma_api_driver_on_default_domain(self) -> bool:
        """I4; a device that is being reset is exempt."""
        return (
            self.mutex.locked()
            or self.has_warned()
            or all(
                self.hw[dev] is self.default_domain
                for dev in Device
                if dev in self.dma and dev not in self.resetting
            )
        )

    @invariant
    def idle_group_is_clean(self) -> bool:
        """I8; a group with a device that is being reset is not idle."""
        return len(self.resetting) > 0 or super().idle_group_is_clean()

    @invariant
    def device_in_reset_is_blocked(self) -> bool:
        """I21: from prepare to done nothing is reached, and no ATS request answered."""
        return all(self.hw[dev] is Domain.BLOCKING for dev in self.resetting)

    @invariant
    def reset_restores_the_domain(self) -> bool:
        """I21: when it is over, the device is on the domain that the group is on."""
        return all(self.hw[dev] is self.domain for dev in self.restored)

    @invariant
    def resets_do_not_meet(self) -> bool:
        """I7: WARN_ON(group->resetting_domain), "Re-entry is not allowed"."""
        return len(self.met) == 0

    @reachable
    def user_resets_its_device(self) -> bool:
        """A device is being reset, and the other one is on the user's domain."""
        return len(self.resetting) > 0 and any(
            self.hw[dev] is Domain.USER_A for dev in self.devices
        )
