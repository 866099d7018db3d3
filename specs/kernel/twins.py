"""Mistakes that could be made in any design: what twins are made of.

Each class breaks one function of the kernel around a proposal, or one that proposals
have in common. A twin derives from such a class and from the design, and names the
properties of the design that must fail for it. The ghosts are left to the code that
sets them.
"""

from kernel.drivers import KernelDrivers
from kernel.group import IommuGroup
from kernel.hardware import IommuHardware
from kernel.hotplug import Hotplug
from kernel.objects import Device, Domain, Driver, Errno, Failure, File
from kernel.vfio import Vfio
from modelcheck import choose, preempt

# The driver core.


class DriverIsNotCounted(Vfio):
    """use_dma_api() lets a driver in, and the count stays as it is."""

    async def iommu_device_use_dma_api(self, dev: Device) -> Errno:
        """`owner_cnt++` is gone."""
        ret = await super().iommu_device_use_dma_api(dev)
        if ret is Errno.OK:
            self.owner_cnt -= 1
        return ret


class DriverIgnoresTheRefusal(Vfio):
    """really_probe() does not look at the result of dma_configure()."""

    async def dma_configure(self, dev: Device) -> Errno:
        """Claim, and go on in any case."""
        await super().dma_configure(dev)
        return Errno.OK


class DriverPutsTwice(Vfio):
    """An error path calls dma_cleanup(), and its caller does so again."""

    async def dma_cleanup(self, dev: Device) -> None:
        """Twice."""
        await super().dma_cleanup(dev)
        await super().dma_cleanup(dev)


class OnlyDriversClaim(Vfio):
    """Half of the series of 2022: the driver core claims, and users do not."""

    async def dma_configure(self, dev: Device) -> Errno:
        """As in v5."""
        if self.no_kernel_api_dma(dev):
            return Errno.OK
        return await self.iommu_device_use_dma_api(dev)


class DriverLeavesItsDomain(KernelDrivers):
    """A DMA-API driver attaches a domain of its own, and frees what is attached."""

    async def probe(self, dev: Device) -> Errno:
        """As a driver may that has a domain of its own."""
        ret = await super().probe(dev)
        if ret is Errno.OK and self.driver[dev] is Driver.DMA_API:
            self.live.add(Domain.PRIVATE)
            ret = await self.iommu_attach_device(Domain.PRIVATE, dev)
        return ret

    async def remove(self, dev: Device) -> None:
        """Free the domain, and leave the group on it."""
        await super().remove(dev)
        self.live.discard(Domain.PRIVATE)


# Hotplug.


class AddsUnderTheLock(Hotplug):
    """iommu_probe_device() holds the mutex that it asks for."""

    async def iommu_probe_device(self, dev: Device) -> None:
        """A mutex is not recursive."""
        async with self.mutex:
            await super().iommu_probe_device(dev)


class AddsTwice(Hotplug):
    """A device is put into the list by the bus, too."""

    async def iommu_probe_device(self, dev: Device) -> None:
        """list_add_tail() of what is going to be added."""
        self.devices.append(dev)
        await super().iommu_probe_device(dev)


class NewcomerGetsTheDefaultDomain(Hotplug):
    """A newcomer is attached to the default domain, whatever the group is on."""

    async def iommu_group_add_device(self, dev: Device) -> Errno:
        """deac0b3bed26."""
        ret = await super().iommu_group_add_device(dev)
        if ret is Errno.OK:
            async with self.mutex:
                self.ops_attach_dev(Domain.DEFAULT, dev)
        return ret


class NewcomerIsNotAttached(Hotplug):
    """A newcomer joins the list, and that is all."""

    async def iommu_probe_device(self, dev: Device) -> None:
        """One section, as it was in 2012."""
        async with self.mutex:
            self.devices.append(dev)


class ReleasedDeviceIsBlocked(Hotplug):
    """A device is blocked for good, after the IOMMU driver has let go of it."""

    async def iommu_release_device(self, dev: Device) -> None:
        """In the wrong order."""
        await super().iommu_release_device(dev)
        self.ops_attach_dev(Domain.BLOCKING, dev)


class ReleaseKeepsTheTableEntry(Hotplug):
    """The IOMMU driver forgets to clear what it lets go of."""

    def ops_release_device(self, dev: Device) -> None:
        """Nothing."""


# Attaching and detaching.


class DetachDoesNothing(IommuGroup):
    """The group stays on the domain that it should leave."""

    def _iommu_detach_group(self) -> None:
        """Nothing."""


class DetachDevDoesNothing(IommuHardware):
    """`ops->detach_dev()` is empty."""

    def ops_detach_dev(self, dev: Device) -> None:
        """Nothing."""


class NobodyIsMovedBack(IommuGroup):
    """Attaches may fail, and those that went well are kept: before dcf40ed3a20d."""

    def may_refuse(self) -> bool:
        """Also where no attach fails."""
        return self.failures < len(Failure)

    def _group_set_domain(self, new: Domain) -> Errno:
        """`__iommu_group_set_domain()` of 6.0: up to the first error."""
        ret = self._attach_each(new)
        if ret is Errno.OK:
            self.domain = new
        return ret


class RefusesAgainAndAgain(IommuHardware):
    """An attach may fail more often than the design is asked to stand."""

    def _iommu_attach_device(self, domain: Domain, dev: Device) -> Errno:
        """`__iommu_attach_device()`, of a driver that refuses whenever it likes."""
        if choose(bool):
            return Errno.ENOMEM
        self.ops_attach_dev(domain, dev)
        return Errno.OK


class AttachDetachesFirst(IommuHardware):
    """The IOMMU driver gives up the old domain before it knows about the new one."""

    def _iommu_attach_device(self, domain: Domain, dev: Device) -> Errno:
        """Detach, then try."""
        self.ops_detach_dev(dev)
        return super()._iommu_attach_device(domain, dev)


class AttachRecordsTheDomain(Vfio):
    """`group->domain` is set by iommu_attach_device(), and never cleared."""

    async def iommu_attach_device(self, domain: Domain, dev: Device) -> Errno:
        """Remember it."""
        ret = await super().iommu_attach_device(domain, dev)
        if ret is Errno.OK:
            self.domain = domain
        return ret


class DetachesTwice(Vfio):
    """Whoever detaches a device does it again."""

    async def iommu_detach_device(self, domain: Domain, dev: Device) -> None:
        """Twice."""
        await super().iommu_detach_device(domain, dev)
        await super().iommu_detach_device(domain, dev)


class DetachCountsDevices(Vfio):
    """The second half of the rule of 2015, without the first."""

    async def iommu_detach_device(self, domain: Domain, dev: Device) -> None:
        """Only where `dev` is alone."""
        if len(self.devices) != 1:
            self.warned = True
            return
        await super().iommu_detach_device(domain, dev)


# VFIO.


class SwitchesByWayOfDefault(Vfio):
    """type1 gives the group back to the kernel before it attaches the new domain."""

    async def type1_switch(self, file: File, old: Domain, new: Domain) -> Errno:
        """The default domain, then what the design does."""
        async with self.mutex:
            self._attach_each(Domain.DEFAULT)
        return await super().type1_switch(file, old, new)


class FreesBeforeDetaching(Vfio):
    """type1 frees the domain, and then detaches the group from it."""

    async def vfio_iommu_type1_detach_group(self, file: File, domain: Domain) -> None:
        """In the wrong order."""
        self.iommu_domain_free(domain)
        await preempt()
        await self.type1_detach(domain)
        self.vfio_domain[file] = None


class DetachIsAlwaysToDefault(IommuGroup):
    """A group that a user detaches gets its default domain back."""

    def avoids_default_domain(self) -> bool:
        """Linux 5.16."""
        return False
