"""[RFC 06/20] and [RFC 13/20] of "Introduce /dev/iommu", 19 September 2021.

By Lu Baolu, sent by Liu Yi L. iommufd binds a device with iommu_device_init_user_dma():
the first one marks the group as the user's, if every driver in it is on a list of safe
ones. The drivers of the kernel claim nothing; the BOUND_DRIVER notifier watches them,
and ends in BUG_ON(). 13/20 lets iommu_attach_device() count in a marked group; in all
others the rule of 2015 stays.

David Gibson asked three things about 13/20 (14 October 2021). Here are the answers:

1. "An operation that appears to be explicitly on a single device has an implicit effect
   on other devices." `attach_moves_only_its_device`, `attach_moves_only_who_agreed`
2. "How can you ever attach the first device of a multi-device group?"
   `first_of_two_devices_attached`; for the kernel `siblings_share_a_private_domain`
3. "Shouldn't this path (detach a thing that's not attached), be a no-op?" "Why does one
   deserve a warning and one not?" `detach_leaves_the_domain`, and the spec
   user_dma_rfc_stray_detach.py

Left out: PCI bridges, which are safe as well; the locks of iommufd, since here one
thread of the user makes all calls; and that iommu_probe_device(), in Linux 5.15,
attached the default domain without the mutex. There is no flag yet by which drivers
with a domain of their own would differ.

Link: https://lore.kernel.org/r/20210919063848.1476776-7-yi.l.liu@intel.com
Link: https://lore.kernel.org/r/20210919063848.1476776-14-yi.l.liu@intel.com
"""

from kernel import twins
from kernel.happy_paths import HappyPaths
from kernel.objects import Device, Domain, Driver, Errno, File, Refcount
from kernel.properties import DmaOwnership
from modelcheck import (
    VIOLATED,
    choose,
    invariant,
    preempt,
    process,
    reachable,
    require,
    transition,
    until,
)


class UserDmaRfc(HappyPaths, floor=88_000):
    """`device_fd` are the devices that a user has open, `ioas_of` what they are on."""

    user_dma_owner_id: File | None = None
    attach_cnt: Refcount = 0
    device_fd: dict[Device, File | None] = {dev: None for dev in Device}
    ioas_of: dict[Device, Domain | None] = {dev: None for dev in Device}

    # Ghosts: whom init_user_dma() and attach_device() were called for, and a BUG().
    user_dma: dict[Device, File | None] = {dev: None for dev in Device}
    attached_by_user: set[Device] = set()
    crashed: bool = False

    def is_user_owned(self) -> bool:
        """06/20: whether the group is marked."""
        return self.user_dma_owner_id is not None

    # 06/20: the security context of a group.

    async def iommu_group_user_dma_viable(self) -> bool:
        """READ_ONCE(dev->driver), without device_lock(): each look is a step."""
        first = True
        for dev in Device:
            if dev in self.devices:
                if not first:
                    await preempt()
                first = False
                if self.driver[dev] not in (None, Driver.VFIO):
                    return False
        return True

    async def iommu_group_init_user_dma(self, owner: File) -> Errno:
        """06/20, with the line that 13/20 adds for `attach_cnt`."""
        if self.user_dma_owner_id is not None:
            if self.user_dma_owner_id != owner:
                return Errno.EBUSY
            self.owner_cnt += 1
            return Errno.OK
        if self.domain is not None and self.domain is not self.default_domain:
            return Errno.EBUSY
        if not await self.iommu_group_user_dma_viable():
            return Errno.EINVAL
        self.user_dma_owner_id = owner
        self.owner_cnt = 1
        self.attach_cnt = 0
        if self.domain is self.default_domain:
            self._iommu_detach_group()
        return Errno.OK

    async def iommu_device_init_user_dma(self, dev: Device, owner: File) -> Errno:
        """06/20."""
        async with self.mutex:
            ret = await self.iommu_group_init_user_dma(owner)
            if ret is Errno.OK:
                self.user_dma[dev] = owner
                self.claims.add(owner)
        return ret

    def iommu_group_exit_user_dma(self) -> None:
        """06/20: an error of the attach is not looked at."""
        if self.owner_cnt == 0:
            self.warned = True
            return
        self.owner_cnt -= 1
        if self.owner_cnt == 0:
            self.user_dma_owner_id = None
            if self.default_domain is not None:
                self._iommu_attach_group(self.default_domain)

    async def iommu_device_exit_user_dma(self, dev: Device) -> None:
        """06/20: the mark is looked at before the lock is taken."""
        if self.user_dma_owner_id is None:
            self.warned = True
            return
        async with self.mutex:
            self.user_dma[dev] = None
            self.claims = {
                file
                for file in File
                if any(
                    self.user_dma[other] is not None and self.user_dma[other] == file
                    for other in Device
                )
            }
            self.iommu_group_exit_user_dma()

    async def iommu_bus_notifier(self) -> None:
        """06/20, BUS_NOTIFY_BOUND_DRIVER: a task that BUG()s keeps the mutex."""
        async with self.mutex:
            if self.user_dma_owner_id is None:
                return
            if not await self.iommu_group_user_dma_viable():
                self.crashed = True
                while True:
                    await preempt()

    # 13/20: attach and detach.

    async def iommu_attach_device(self, domain: Domain, dev: Device) -> Errno:
        """13/20: in a marked group the first one attaches, the others are counted."""
        async with self.mutex:
            if self.user_dma_owner_id is not None:
                if self.domain is not None:
                    if self.domain is not domain:
                        return Errno.EBUSY
                    self.attach_cnt += 1
                    self.note_attach(domain, dev)
                    return Errno.OK
            elif len(self.devices) != 1:
                return Errno.EINVAL
            ret = self._iommu_attach_group(domain)
            if ret is Errno.OK:
                self.note_attach(domain, dev)
                if self.user_dma_owner_id is not None:
                    self.attach_cnt = 1
        return ret

    async def iommu_detach_device(
        self,
        domain: Domain,  # noqa: ARG002 - the group is detached from whatever it is on
        dev: Device,
    ) -> None:
        """13/20: in a marked group nobody asks whether `dev` was attached."""
        async with self.mutex:
            self.attached.discard(dev)
            self.attached_by_user.discard(dev)
            if self.user_dma_owner_id is not None:
                if self.attach_cnt == 0:
                    self.warned = True
                    return
                self.attach_cnt -= 1
                if self.attach_cnt != 0:
                    return
            elif len(self.devices) != 1:
                self.warned = True
                return
            self._iommu_detach_group()

    def note_attach(self, domain: Domain, dev: Device) -> None:
        """Ghost: `dev` was attached, by iommufd or by its driver."""
        if domain is Domain.PRIVATE:
            self.attached.add(dev)
        else:
            self.attached_by_user.add(dev)

    # The driver core claims nothing.

    async def dma_configure(self, dev: Device) -> Errno:  # noqa: ARG002 - nor needs `dev`
        """Linux 5.15."""
        return Errno.OK

    async def dma_cleanup(self, dev: Device) -> None:
        """Linux 5.15."""

    async def really_probe(self, dev: Device, driver: Driver) -> Errno:
        """driver_bound() tells those who listen, after the probe."""
        require(driver is not Driver.PRIVATE_UNFLAGGED)
        ret = await super().really_probe(dev, driver)
        if ret is Errno.OK:
            await self.iommu_bus_notifier()
        return ret

    # The user: VFIO's device files and iommufd.

    async def vfio_unregister_group_dev(self, dev: Device) -> None:
        """An open device stays until it is closed."""
        self.vfio_devices.discard(dev)
        await until(lambda: self.device_fd[dev] is None)

    async def iommufd_bind_device(self, file: File, dev: Device) -> None:
        """07/20: VFIO_DEVICE_BIND_IOMMUFD of a device that was just opened."""
        self.device_fd[dev] = file
        if await self.iommu_device_init_user_dma(dev, file) is not Errno.OK:
            self.device_fd[dev] = None
        else:
            self.containers.add(file)

    async def iommufd_unbind_device(self, file: File, dev: Device) -> None:
        """07/20, and the device is closed."""
        await self.iommu_device_exit_user_dma(dev)
        self.device_fd[dev] = None
        if file not in self.claims:
            self.containers.discard(file)

    async def iommufd_device_attach_ioasid(
        self, file: File, dev: Device, domain: Domain
    ) -> None:
        """14/20: the domain is allocated for the first device of the ioasid."""
        self.live.add(domain)
        self.user_of[domain] = file
        if await self.iommu_attach_device(domain, dev) is Errno.OK:
            self.ioas_of[dev] = domain
        else:
            self.ioas_free_domain_if_empty(domain)

    async def iommufd_device_detach_ioasid(self, dev: Device, domain: Domain) -> None:
        """14/20: the domain is freed after the last device of the ioasid."""
        self.ioas_of[dev] = None
        await self.iommu_detach_device(domain, dev)
        self.ioas_free_domain_if_empty(domain)

    def ioas_free_domain_if_empty(self, domain: Domain) -> None:
        """14/20."""
        if all(self.ioas_of[dev] is not domain for dev in Device):
            self.iommu_domain_free(domain)

    @process
    async def vfio_user(self, file: File) -> None:
        """Bind, attach, detach and unbind devices, in any order that exists."""
        while True:
            dev = choose(Device)
            domain = self.ioas_of[dev]
            if self.device_fd[dev] is None:
                require(dev in self.vfio_devices)
                await self.iommufd_bind_device(file, dev)
            elif domain is not None:
                require(self.device_fd[dev] == file)
                await self.iommufd_device_detach_ioasid(dev, domain)
            elif choose(bool):
                require(self.device_fd[dev] == file)
                new = Domain.USER_A if choose(bool) else Domain.USER_B
                require(self.user_of[new] is None or self.user_of[new] == file)
                await self.iommufd_device_attach_ioasid(file, dev, new)
            else:
                require(self.device_fd[dev] == file)
                await self.iommufd_unbind_device(file, dev)
            await preempt()

    def has_user_attached(self, domain: Domain) -> bool:
        """Whether a device of a user is on the ioasid with `domain`."""
        return any(self.ioas_of[dev] is domain for dev in Device)

    def is_user_on(self, domain: Domain) -> bool:
        """As before, but a user attaches devices one by one."""
        return all(
            self.ioas_of[dev] is domain
            and self.is_settled(dev)
            and self.hw[dev] is domain
            for dev in Device
        )

    @reachable
    def user_gone(self) -> bool:
        """All devices are unbound from iommufd again, and the group is as before."""
        return (
            len(self.containers) > 0
            and len(self.claims) == 0
            and self.owner_cnt == 0
            and self.domain is self.default_domain
        )

    @invariant
    def owner_cnt_exact(self) -> bool:
        """I5: `owner_cnt` is the number of devices that are bound to an iommufd."""
        bound = sum(self.user_dma[dev] is not None for dev in Device)
        return self.owner_cnt == bound

    @invariant
    def attach_cnt_exact(self) -> bool:
        """I6: in a marked group `attach_cnt` is the number of attachments."""
        return not self.is_user_owned() or self.attach_cnt == len(
            self.attached_by_user | self.attached
        )

    @invariant
    def user_domain_stable_until_detach(self) -> bool:
        """I13 for users: a device that was attached to an ioasid stays on it."""
        return self.mutex.locked() or all(
            self.hw[dev] is self.ioas_of[dev]
            for dev in self.devices
            if dev in self.attached_by_user and self.ioas_of[dev] is not None
        )

    @invariant(
        expect=VIOLATED,
        because="init_user_dma() has looked at dev0, which has no driver, and goes on "
        "to dev1; a DMA-API driver probes dev0; when VFIO's own BOUND_DRIVER comes, "
        "the marked group is not viable.",
    )
    def no_bug_on(self) -> bool:
        """I14: the notifier's BUG_ON(), "this gross BUG_ON()" in its own comment."""
        return not self.crashed

    # David Gibson's questions.

    def is_newly_attached(self, after: "UserDmaRfc", dev: Device) -> bool:
        """Whether this is the step in which attach_device() succeeds for `dev`."""
        return (dev in after.attached_by_user and dev not in self.attached_by_user) or (
            dev in after.attached and dev not in self.attached
        )

    @transition(
        expect=VIOLATED,
        because="dev0 is bound to iommufd, which marks the group; dev1's driver "
        "attaches its private domain to dev1, and dev0 is moved with it.",
    )
    def attach_moves_only_its_device(self, after: "UserDmaRfc") -> bool:
        """Question 1: attach_device() has an effect on its device only."""
        return self.alias or not any(
            self.is_newly_attached(after, dev) and self.hw[other] is not after.hw[other]
            for dev in Device
            for other in Device
            if other is not dev
        )

    @transition(
        expect=VIOLATED,
        because="dev0 is bound to iommufd and on no domain yet; the driver that probes "
        "dev1 attaches its private domain, and the user's device is on it.",
    )
    def attach_moves_only_who_agreed(self, after: "UserDmaRfc") -> bool:
        """Question 1: at least nobody is moved who has a driver or user of its own."""
        return self.alias or not any(
            self.is_newly_attached(after, dev)
            and self.hw[other] is not after.hw[other]
            and (
                self.driver[other] not in (None, Driver.VFIO)
                or self.user_dma[other] not in (None, self.user_dma[dev])
            )
            for dev in Device
            for other in Device
            if other is not dev
        )

    @reachable
    def first_of_two_devices_attached(self) -> bool:
        """Question 2: only in a marked group that is on no domain yet."""
        return len(self.attached_by_user) == 1 and all(
            self.is_settled(dev) and self.hw[dev] is self.domain for dev in Device
        )

    @transition(
        expect=VIOLATED,
        because="dev0's driver attaches while it is alone; dev1 is added; the driver "
        "detaches what it has attached, gets the warning, and is still attached.",
    )
    def detach_leaves_the_domain(self, after: "UserDmaRfc") -> bool:
        """Question 3: what was attached and is detached alone is off the domain."""
        return (
            after.failures != self.failures
            or len(self.attached) == 0
            or len(after.attached) > 0
            or after.domain is not Domain.PRIVATE
        )

    # What the checker found. Each reason is the story of the shortest trace.

    @invariant(
        expect=VIOLATED,
        because="dev0's driver, alone in the group, attaches; dev1 is added, follows, "
        "and then iommu_probe_device() attaches the default domain to dev1 only.",
    )
    def one_domain_for_all_devices(self) -> bool:
        """I1: the second section of a hot-add looks at the mark, not at `domain`."""
        return super().one_domain_for_all_devices()

    @invariant(
        expect=VIOLATED,
        because="a device is bound to iommufd; then a DMA-API driver probes its "
        "sibling, which nothing forbids.",
    )
    def no_kernel_dma_beside_a_user(self) -> bool:
        """I2: the notifier comes when the driver's DMA has begun."""
        return super().no_kernel_dma_beside_a_user()

    @invariant(
        expect=VIOLATED,
        because="a device is bound to iommufd; the driver that probes its sibling "
        "attaches a private domain to the marked group, which has none yet.",
    )
    def user_reaches_only_its_own_memory(self) -> bool:
        """I3: in a marked group attach_device() does not ask who is calling."""
        return super().user_reaches_only_its_own_memory()

    @invariant(
        expect=VIOLATED,
        because="a device is bound to iommufd, so that its group is on no domain; then "
        "a DMA-API driver probes its sibling.",
    )
    def dma_api_driver_on_default_domain(self) -> bool:
        """I4: the kernel's drivers claim nothing, and are refused nothing."""
        return super().dma_api_driver_on_default_domain()

    @invariant(
        expect=VIOLATED,
        because="dev0's driver attaches while it is alone; dev1 is added; now "
        "detach_device() finds two devices, warns, and detaches nothing.",
    )
    def no_warn_or_underflow(self) -> bool:
        """I7: in a group without mark the rule of 2015 stays."""
        return super().no_warn_or_underflow()

    @invariant(
        expect=VIOLATED,
        because="the only device refuses the default domain when its driver detaches.",
    )
    def no_warn_on_reattach(self) -> bool:
        """I7: __iommu_detach_group() can fail, and detaching has no way to say so."""
        return super().no_warn_on_reattach()

    @invariant(
        expect=VIOLATED,
        because="exit_user_dma() ignores that dev0 refuses the default domain; the "
        "group is left without any domain, and no WARN_ON() tells.",
    )
    def idle_group_is_clean(self) -> bool:
        """I8: nobody is there any more, and the group has no domain."""
        return super().idle_group_is_clean()

    @invariant(
        expect=VIOLATED,
        because="dev1's driver attaches to a marked group: the user's dev0 moves, dev1 "
        "refuses, probe() fails and frees the domain under dev0.",
    )
    def no_freed_domain_in_hardware(self) -> bool:
        """I9: the caller of a failed attach may free the domain, and does."""
        return super().no_freed_domain_in_hardware()

    @invariant(
        expect=VIOLATED,
        because="the default domain cannot be attached again in detach_device(), so "
        "`domain` still points to the private domain when its driver frees it.",
    )
    def no_freed_domain_in_the_group(self) -> bool:
        """I9: detach_device() returns void; the driver frees the domain anyway."""
        return super().no_freed_domain_in_the_group()

    @transition(
        expect=VIOLATED,
        because="dev1 joins a group on a private domain and follows it; then "
        "iommu_probe_device() finds no user and attaches the default domain to it.",
    )
    def newcomer_inherits_the_domain(self, after: DmaOwnership) -> bool:
        """I10: the second section of a hot-add looks at the mark, not at `domain`."""
        return super().newcomer_inherits_the_domain(after)

    @invariant(
        expect=VIOLATED,
        because="dev0 and dev1 share a table entry; when dev1 is added, the default "
        "domain attached to it replaces the private domain of dev0's driver.",
    )
    def private_domain_stable_until_detach(self) -> bool:
        """I13: the newcomer takes the domain away from the driver of its sibling."""
        return super().private_domain_stable_until_detach()

    @transition(
        expect=VIOLATED,
        because="attach_device() for dev1 returns ENOMEM with the user's dev0 on the "
        "new domain.",
    )
    def failed_call_changes_nothing(self, after: DmaOwnership) -> bool:
        """I17: an error code does not mean that nothing happened."""
        return super().failed_call_changes_nothing(after)

    @invariant(
        expect=VIOLATED,
        because="dev1's IOMMU driver has let go of it, but it is still in the list "
        "when the user's last device is unbound and all get the default domain.",
    )
    def released_device_stays_detached(self) -> bool:
        """The release and the removal from the list are two critical sections."""
        return super().released_device_stays_detached()

    @reachable(
        expect=VIOLATED,
        because="without a user's mark the rule of 2015 applies: with two devices in "
        "the group attach_device() returns EINVAL.",
    )
    def siblings_share_a_private_domain(self) -> bool:
        """Question 2: the drivers of the kernel never can."""
        return super().siblings_share_a_private_domain()


# Twins: each must violate what it names.


class OnlyDriversClaim(
    twins.OnlyDriversClaim,
    UserDmaRfc,
    breaks=("owner_cnt_exact", "one_owner_at_a_time"),
):
    """The driver core claims for drivers, and users are not asked."""


class DetachesTwice(
    twins.DetachesTwice,
    UserDmaRfc,
    breaks=("attach_cnt_exact", "user_domain_stable_until_detach"),
):
    """A device is detached twice."""


class IommufdReplaces(
    twins.SwitchesByWayOfDefault,
    UserDmaRfc,
    breaks="replace_never_passes_through_default",
):
    """iommufd moves a device to another ioasid, as type1 of VFIO would."""

    async def iommufd_device_detach_ioasid(self, dev: Device, domain: Domain) -> None:
        """First the other domain."""
        file = self.device_fd[dev]
        if file is not None:
            await self.vfio_iommu_type1_switch_group(file, domain, Domain.USER_B)
        await super().iommufd_device_detach_ioasid(dev, domain)


class AddsUnderTheLock(twins.AddsUnderTheLock, UserDmaRfc, breaks="deadlock"):
    """iommu_probe_device() asks for a mutex that it holds."""


class AddsTwice(twins.AddsTwice, UserDmaRfc, breaks="no_evaluation_error"):
    """A newcomer is in the list twice, which has no room for it."""
