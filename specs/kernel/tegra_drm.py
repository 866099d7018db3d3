"""drm/tegra: several devices of one group share one domain.

dc, gr2d, gr3d and vic have a driver each. When all have registered with the host1x bus,
host1x_drm_probe() allocates a domain, if it wants one, and initialises one client after
the other: this is where they attach, long after they were probed. When one of them is
unbound, all are shut down in reverse. The group has all the clients in it, or one and a
device that is something else's. The functions are those of drivers/gpu/drm/tegra/drm.c
and drivers/gpu/host1x/bus.c; a spec says how a client attaches.

Left out: `-ENODEV` of a client without group, and freeing the domain early when nobody
uses it.
"""

from typing import Annotated

from kernel.bound_at_boot import BoundAtBoot
from kernel.objects import Device, Domain, Driver, Errno
from kernel.tegra import TegraGroup
from modelcheck import Length, choose, init, preempt, process, require, until


class TegraDrm(TegraGroup, BoundAtBoot):
    """`tegra_domain` is NULL where host1x_drm_wants_iommu() says no.

    `explicit` are the clients with a `client->group`: they do not use the DMA API.
    """

    tegra_driver = Driver.PRIVATE_UNFLAGGED
    tegra_domain: Domain | None = None
    clients: set[Device] = set()
    registered: set[Device] = set()
    probed: bool = False
    initialised: Annotated[list[Device], Length(len(Device))] = []
    explicit: set[Device] = set()

    @init
    def boot(self) -> None:
        """The drivers of all clients are bound, or none yet."""
        super().boot()
        if choose(bool):
            self.tegra_domain = Domain.PRIVATE
        self.clients = set(Device) if choose(bool) else {choose(Device)}
        if choose(bool):
            for dev in Device:
                if dev in self.clients:
                    require(dev in self.devices)
                    self.bind_at_boot(dev, self.tegra_driver)
                    self.registered.add(dev)

    async def host1x_client_iommu_attach(
        self,
        dev: Device,  # noqa: ARG002 - see the specs
    ) -> Errno:
        """The helper under review."""
        return Errno.OK

    async def host1x_client_iommu_detach(self, dev: Device) -> None:
        """The other one."""

    async def private_domain_probe(self, dev: Device) -> Errno:
        """host1x_client_register()."""
        self.registered.add(dev)
        return Errno.OK

    async def private_domain_remove(self, dev: Device) -> None:
        """host1x_client_unregister(): the last thing that all clients wait for."""
        self.registered.discard(dev)
        await until(lambda: not self.probed)

    async def really_probe(self, dev: Device, driver: Driver) -> Errno:
        """A client has its own driver, or VFIO's."""
        require(driver in (Driver.DMA_API, Driver.VFIO, self.tegra_driver))
        require(
            driver is Driver.VFIO
            or (driver is self.tegra_driver) == (dev in self.clients)
        )
        return await super().really_probe(dev, driver)

    async def client_init(self, dev: Device) -> Errno:
        """client->ops->init(), which may fail after the attach."""
        ret = await self.host1x_client_iommu_attach(dev)
        if ret is not Errno.OK:
            return ret
        if choose(bool):
            await self.host1x_client_iommu_detach(dev)
            return Errno.ENODEV
        if dev not in self.explicit:
            self.dma.add(dev)
        self.initialised.append(dev)
        return Errno.OK

    async def client_exit(self, dev: Device) -> None:
        """client->ops->exit()."""
        self.dma.discard(dev)
        await self.host1x_client_iommu_detach(dev)

    @process
    async def host1x_drm(self) -> None:
        """Probe the logical device while all of its clients are registered."""
        while True:
            await until(lambda: self.clients <= self.registered)
            self.probed = True
            if self.tegra_domain is not None:
                self.live.add(self.tegra_domain)
            ret = Errno.OK
            for dev in Device:
                if dev in self.clients and ret is Errno.OK:
                    ret = await self.client_init(dev)
            if ret is Errno.OK:
                await until(lambda: not self.clients <= self.registered)
            while len(self.initialised) > 0:
                await self.client_exit(self.initialised.pop())
                await preempt()
            self.live.discard(Domain.PRIVATE)
            self.probed = False
            await until(lambda: not self.clients <= self.registered)
