"""VFIO before anybody could own a group: viability, and a notifier that gives up.

From Linux 3.6 to 5.18 nothing kept a driver from binding beside a user. VFIO looked
whether the group is viable when the user opened a device, and a notifier on the group
stopped the kernel with BUG_ON() if a driver bound to one of its devices later on. The
functions are those of drivers/vfio/vfio.c; what a driver core or a group would count
does not exist yet.
"""

from kernel.objects import Device, Driver, Errno, File
from kernel.populated import PopulatedGroup
from kernel.properties import DmaOwnership
from modelcheck import choose, invariant, preempt, process, reachable, require, until


class VfioNotifier(PopulatedGroup, DmaOwnership):
    """`containers` is `container_users`, as far as it comes from SET_CONTAINER.

    `claims` are the users with an open device: who can reach its registers.
    """

    open_device: dict[File, Device | None] = {file: None for file in File}
    unbound_list: set[Device] = set()

    # Ghosts. The BUG_ON() kills the thread that binds, with the device locked.
    bug: bool = False
    live_group_warned: bool = False
    refused_opens: set[File] = set()
    detached: set[File] = set()

    async def dma_configure(
        self,
        dev: Device,  # noqa: ARG002 - nobody claims for a driver
    ) -> Errno:
        """The driver core claims nothing."""
        return Errno.OK

    async def dma_cleanup(self, dev: Device) -> None:
        """There is nothing to give back."""

    def vfio_dev_viable(self, dev: Device) -> bool:
        """Whether `dev` may stay as it is; `driver` is read without device_lock()."""
        return (
            dev in self.unbound_list
            or self.driver[dev] is None
            or dev in self.vfio_devices
        )

    async def vfio_group_viable(self) -> bool:
        """iommu_group_for_each_dev(), which holds the mutex of the group."""
        async with self.mutex:
            return all(self.vfio_dev_viable(dev) for dev in self.devices)

    async def really_probe(self, dev: Device, driver: Driver) -> Errno:
        """driver_bound() notifies when probe() has succeeded, and DMA may be running.

        There is no flag to set, so there is one kind of driver with its own domain.
        """
        require(driver is not Driver.PRIVATE_UNFLAGGED)
        ret = await super().really_probe(dev, driver)
        if (
            ret is Errno.OK
            and len(self.containers) > 0
            and not self.vfio_dev_viable(dev)
        ):
            self.bug = True
            await until(lambda: False)
        return ret

    async def device_release_driver(self, dev: Device) -> None:
        """The device leaves `unbound_list` with IOMMU_GROUP_NOTIFY_UNBOUND_DRIVER."""
        await super().device_release_driver(dev)
        self.unbound_list.discard(dev)

    async def iommu_group_add_device(self, dev: Device) -> Errno:
        """IOMMU_GROUP_NOTIFY_ADD_DEVICE: "added to live group" is only a warning."""
        ret = await super().iommu_group_add_device(dev)
        if ret is Errno.OK:
            self.vfio_group_nb_add_dev()
        return ret

    def vfio_group_nb_add_dev(self) -> None:
        """There is nothing to do for idle groups."""
        if len(self.containers) > 0:
            self.live_group_warned = True

    async def vfio_unregister_group_dev(self, dev: Device) -> None:
        """An open device is waited for; then, for the last one, the container."""
        self.unbound_list.add(dev)
        await until(lambda: all(self.open_device[file] is not dev for file in File))
        self.vfio_devices.discard(dev)
        await until(lambda: len(self.vfio_devices) > 0 or len(self.containers) == 0)

    async def vfio_group_get_device_fd(self, file: File) -> None:
        """VFIO_GROUP_GET_DEVICE_FD: viable first, then opened, then used."""
        if not await self.vfio_group_viable():
            self.refused_opens.add(file)
            await preempt()
            self.refused_opens.discard(file)
        elif len(self.vfio_devices) > 0:
            self.open_device[file] = choose(self.vfio_devices)
            self.claims.add(file)

    def vfio_device_release(self, file: File) -> None:
        """The user closes its device."""
        self.open_device[file] = None
        self.claims.discard(file)

    async def vfio_ioctl(self, file: File) -> None:
        """Close the device if it is open; open it if attached; or anything else."""
        if file in self.claims:
            await preempt()
            self.vfio_device_release(file)
        elif self.vfio_domain[file] is not None and choose(bool):
            await self.vfio_group_get_device_fd(file)
        else:
            await super().vfio_ioctl(file)

    async def vfio_group_unset_container(self, file: File) -> None:
        """Close the device, detach, forget the container."""
        self.vfio_device_release(file)
        domain = self.vfio_domain[file]
        if domain is not None:
            await self.vfio_iommu_type1_detach_group(file, domain)
            self.detached.add(file)
        await preempt()
        self.detached.discard(file)
        self.containers.discard(file)

    @process
    async def vfio_user(self, file: File) -> None:
        """Open the group; SET_CONTAINER, where nobody asks whether it is viable."""
        while True:
            require(len(self.vfio_devices) > 0 and len(self.containers) == 0)
            self.containers.add(file)
            await preempt()
            while choose(bool):
                await self.vfio_ioctl(file)
            await self.vfio_group_unset_container(file)
            await preempt()

    @invariant
    def owner_cnt_exact(self) -> bool:
        """I5: there is no counter that could be wrong."""
        return self.owner_cnt == 0

    @invariant
    def no_bug_on(self) -> bool:
        """I14: no BUG_ON() for what root may do. The name of the series of 2022.

        "Fix BUG_ON in vfio_iommu_group_notifier()"
        """
        return not self.bug

    @invariant
    def no_device_added_to_a_live_group(self) -> bool:
        """I7: vfio_group_nb_add_dev() warns, "Device %s added to live group %d!"."""
        return not self.live_group_warned

    @reachable
    def user_gone(self) -> bool:
        """A user has closed its device, and the group is back on the default domain."""
        return len(self.detached) > 0 and all(
            self.is_settled(dev) and self.hw[dev] is self.default_domain
            for dev in Device
        )

    @reachable
    def user_has_a_device(self) -> bool:
        """A user is attached and has opened a device of a group of two."""
        return len(self.claims) > 0 and all(self.is_settled(dev) for dev in Device)

    @reachable
    def device_refused_to_the_user(self) -> bool:
        """The group is not viable, and a user may not open its device."""
        return len(self.refused_opens) > 0
