"""The driver core: binding and unbinding, as drivers/base/dd.c does it.

One process is the life of one device: plugged in, bound to one driver after the other,
unplugged. The kernel runs these one after the other for a device (device_lock()), and
concurrently for different devices.
"""

from kernel.drivers import KernelDrivers
from kernel.objects import NO_KERNEL_API_DMA, Device, Driver, Errno
from modelcheck import choose, preempt, process


class DriverCore(KernelDrivers):
    """`bound` are the devices whose probe() has succeeded, until remove() is over."""

    bound: set[Device] = set()

    def no_kernel_api_dma(self, dev: Device) -> bool:
        """The flag of the driver, which says: do not claim for me."""
        return self.driver[dev] in NO_KERNEL_API_DMA

    async def dma_configure(self, dev: Device) -> Errno:
        """bus->dma_configure(): claim the group for a driver that uses the DMA API."""
        if self.no_kernel_api_dma(dev):
            return Errno.OK
        return await self.iommu_device_use_dma_api(dev)

    async def dma_cleanup(self, dev: Device) -> None:
        """bus->dma_cleanup(): undo dma_configure(), while `driver` is still set."""
        if not self.no_kernel_api_dma(dev):
            await self.iommu_device_unuse_dma_api(dev)

    async def really_probe(self, dev: Device, driver: Driver) -> Errno:
        """Claim, then probe; on failure undo the claim."""
        self.driver[dev] = driver
        ret = await self.dma_configure(dev)
        if ret is Errno.OK:
            ret = await self.probe(dev)
            if ret is Errno.OK:
                self.bound.add(dev)
                return ret
            await self.dma_cleanup(dev)
        self.driver[dev] = None
        return ret

    async def device_release_driver(self, dev: Device) -> None:
        """Remove, then undo the claim."""
        await self.remove(dev)
        await self.dma_cleanup(dev)
        self.driver[dev] = None
        self.bound.discard(dev)

    @process
    async def driver_core(self, dev: Device) -> None:
        """Plug in, bind, unbind and unplug `dev` for ever, in any order that exists."""
        while True:
            if dev not in self.devices:
                await self.iommu_probe_device(dev)
            elif choose(bool):
                await self.hot_unplug(dev)
            elif await self.really_probe(dev, choose(Driver)) is Errno.OK:
                await preempt()
                await self.device_release_driver(dev)
            await preempt()
