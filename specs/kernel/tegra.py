"""The drivers of NVIDIA Tegra that manage their own I/O address space.

On 32-bit ARM a group has no default domain, `domain` is NULL until somebody attaches
one, and the drivers take that as leave to attach their own; with a default domain they
use the DMA API, except tegra-vde. Both kinds of machines are searched.

Left out: arm_iommu_detach_device(), by which some of them leave the DMA API of ARM.

One device of the group is the driver's, `special`; the others are anything else's.
"""

from kernel.happy_paths import HappyPaths
from kernel.objects import Device, Domain, Driver, Errno
from modelcheck import choose, init, invariant, require


class TegraGroup(HappyPaths):
    """A group that may have no default domain."""

    @init
    def boot(self) -> None:
        """Without default domain nothing is attached to a device."""
        super().boot()
        if choose(bool):
            self.default_domain = None
            self.domain = None
            for dev in Device:
                self.hw[dev] = None


class TegraDriver(TegraGroup):
    """A driver for one device that attaches in probe() and detaches in remove().

    `tegra_driver` says whether it has the flag `no_kernel_api_dma`.
    """

    tegra_driver = Driver.PRIVATE_UNFLAGGED
    special: Device

    # Ghost: the driver may not attach, and nobody else has a claim.
    refused: bool = False

    async def really_probe(self, dev: Device, driver: Driver) -> Errno:
        """Every driver to its device, but VFIO to any."""
        require(driver in (Driver.DMA_API, Driver.VFIO, self.tegra_driver))
        require(
            driver is Driver.VFIO
            or (driver is self.tegra_driver) == (dev is self.special)
        )
        return await super().really_probe(dev, driver)

    async def tegra_iommu_attach(self, dev: Device) -> Errno:
        """Allocate a domain and attach it, or free it again."""
        self.private_users.add(dev)
        self.live.add(Domain.PRIVATE)
        ret = await self.iommu_attach_device(Domain.PRIVATE, dev)
        if ret is not Errno.OK:
            self.put_private_domain(dev)
            if ret is not Errno.ENOMEM and self.dma_api_users == {dev}:
                self.refused = True
        return ret

    async def private_domain_probe(self, dev: Device) -> Errno:
        """Attach; a later step may fail."""
        ret = await self.tegra_iommu_attach(dev)
        if ret is Errno.OK and choose(bool):
            await self.private_domain_remove(dev)
            return Errno.ENODEV
        return ret

    async def private_domain_remove(self, dev: Device) -> None:
        """Undo what probe() did."""
        if dev in self.private_users:
            await super().private_domain_remove(dev)
        else:
            self.dma.discard(dev)

    @invariant
    def own_claim_refuses_no_attach(self) -> bool:
        """What the driver core claims for a driver does not lock that driver out.

        "For backward compatibility, device in a singleton group is allowed to ignore
        setting the drv.no_kernel_api_dma field" (3/8), and only there.
        """
        return not self.refused
