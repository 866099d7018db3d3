"""AMD's iommu_v2: a GPU and its HD-audio function in one group, both on identity.

The default domain of the group is an identity domain. When the KFD uses the GPU it
calls amd_iommu_init_device(), which attaches a second identity domain, with page tables
of another format, to the group. Neither driver is flagged: the driver core claims the
group for amdgpu and for the generic sound driver, and both use the DMA API. To a device
the two domains are the same.

Left out: PASIDs, for which all this is done, and the reference count of the KFD.
"""

from kernel.bound_at_boot import BoundAtBoot
from kernel.objects import Device, Domain, Driver, Errno
from modelcheck import choose, init, invariant, preempt, process, require, until


class AmdIommuV2(BoundAtBoot):
    """PRIVATE is the domain of iommu_v2; amdgpu is PRIVATE_UNFLAGGED."""

    gpu: Device
    kfd_probed: bool = False
    kfd_active: bool = False

    # Ghosts: refused, and no user owns the group.
    gpu_refused: bool = False
    sound_refused: bool = False

    @init
    def boot(self) -> None:
        """The functions of an APU are all there, and amdgpu may be bound."""
        super().boot()
        require(all(dev in self.devices for dev in Device))
        if choose(bool):
            self.bind_at_boot(self.gpu, Driver.PRIVATE_UNFLAGGED)
            self.dma.add(self.gpu)
            self.kfd_probed = True

    async def amd_iommu_v2_attach(self, dev: Device) -> Errno:
        """What amd_iommu_init_device() calls."""
        return await self.iommu_attach_device(Domain.PRIVATE, dev)

    async def amd_iommu_v2_detach(self, dev: Device) -> None:
        """What free_device_state() calls."""
        await self.iommu_detach_device(Domain.PRIVATE, dev)

    def is_default_domain(self) -> bool:
        """Whether the group is on the domain that the DMA API uses."""
        return self.domain is self.default_domain

    def note_refusal(self, dev: Device) -> None:
        """A driver may not bind, which takes a user that owns the group."""
        if self.owner is None and dev is not self.gpu:
            self.sound_refused = True

    async def iommu_device_use_dma_api(self, dev: Device) -> Errno:
        """As before, with names for what is asked and what is answered."""
        async with self.mutex:
            if self.owner_cnt > 0 and (
                not self.is_default_domain() or self.owner is not None
            ):
                self.note_refusal(dev)
                return Errno.EBUSY
            self.owner_cnt += 1
            self.dma_api_users.add(dev)
        return Errno.OK

    async def really_probe(self, dev: Device, driver: Driver) -> Errno:
        """The GPU is for amdgpu, the others for DMA-API drivers, all for VFIO."""
        require(driver is not Driver.PRIVATE_DOMAIN)
        require(
            driver is Driver.VFIO
            or (driver is Driver.PRIVATE_UNFLAGGED) == (dev is self.gpu)
        )
        return await super().really_probe(dev, driver)

    async def private_domain_probe(self, dev: Device) -> Errno:
        """Of amdgpu: DMA, and then the KFD may start."""
        self.dma.add(dev)
        self.kfd_probed = True
        return Errno.OK

    async def private_domain_remove(self, dev: Device) -> None:
        """Of amdgpu: the KFD stops first."""
        self.kfd_probed = False
        await until(lambda: not self.kfd_active)
        self.dma.discard(dev)

    @process
    async def kfd(self) -> None:
        """The first compute process, and the end of the last one."""
        while True:
            await until(lambda: self.kfd_probed)
            self.kfd_active = True
            self.live.add(Domain.PRIVATE)
            ret = await self.amd_iommu_v2_attach(self.gpu)
            if ret is Errno.OK:
                await preempt()
                await self.amd_iommu_v2_detach(self.gpu)
            elif ret is not Errno.ENOMEM:
                self.gpu_refused = True
            self.live.discard(Domain.PRIVATE)
            self.kfd_active = False
            await preempt()

    @invariant
    def dma_api_driver_on_default_domain(self) -> bool:
        """I4, the weak form: on an identity domain, whichever of the two."""
        return (
            self.mutex.locked()
            or self.has_warned()
            or all(
                self.hw[dev] in (self.default_domain, Domain.PRIVATE)
                for dev in Device
                if dev in self.dma
            )
        )

    @invariant
    def gpu_gets_its_v2_domain(self) -> bool:
        """Where no attach has failed, the GPU may attach the domain of iommu_v2.

        Its driver's claim keeps every other owner out.
        """
        return self.failures > 0 or not self.gpu_refused

    @invariant
    def sound_driver_binds_beside_the_gpu(self) -> bool:
        """L6: while no user owns the group, nobody refuses a DMA-API driver.

        Where no attach has failed. Commit 2380f1e8195e ("iommu: Fix false ownership
        failure on AMD systems with PASID activated").
        """
        return self.failures > 0 or not self.sound_refused
