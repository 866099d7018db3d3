"""A machine whose drivers are bound before the story begins.

What is soldered down is probed at boot, and what goes wrong is what comes later.
"""

from kernel.happy_paths import HappyPaths
from kernel.objects import Device, Driver
from modelcheck import choose, preempt, process


class BoundAtBoot(HappyPaths):
    """The driver core, which may find a device bound."""

    def bind_at_boot(self, dev: Device, driver: Driver) -> None:
        """What really_probe() has done, up to drv->probe()."""
        self.driver[dev] = driver
        self.bound.add(dev)
        if not self.no_kernel_api_dma(dev):
            self.owner_cnt += 1
            self.dma_api_users.add(dev)

    @process
    async def driver_core(self, dev: Device) -> None:
        """Plug in, bind, unbind and unplug `dev`, from whatever state it is in."""
        while True:
            if dev not in self.devices:
                await self.iommu_probe_device(dev)
            elif dev in self.bound:
                await self.device_release_driver(dev)
            elif choose(bool):
                await self.hot_unplug(dev)
            else:
                await self.really_probe(dev, choose(Driver))
            await preempt()
