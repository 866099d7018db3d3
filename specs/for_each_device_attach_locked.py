"""VFIO with what iommu_group_for_each_dev() really does: it holds the mutex.

As for_each_device_attach.py, but by the letter of Lu Baolu's proposal of 23 December
2021. iommu_group_for_each_dev() takes the mutex of the group for the whole walk, and
iommu_attach_device() takes it for each device.

Link: https://lore.kernel.org/r/20211223140300.GC1779224@nvidia.com
"""

from kernel import twins
from kernel.counted_attach import CountedAttach
from kernel.objects import Device, Domain, Errno, File
from kernel.properties import DmaOwnership
from modelcheck import VIOLATED, invariant, preempt, reachable, transition


class ForEachDeviceAttachLocked(
    CountedAttach,
    deadlock=VIOLATED,
    because="the user's process waits for the mutex that it holds",
    floor=130_000,
):
    """The first request of a user is its last one."""

    async def attach_all(self, domain: Domain) -> Errno:
        """iommu_group_for_each_dev(group, iommu_attach_device), up to an error."""
        async with self.mutex:
            self.walking = True
            for dev in Device:
                if dev in self.devices:
                    ret = await self.iommu_attach_device(domain, dev)
                    if ret is not Errno.OK:
                        self.walking = False
                        return ret
            self.walking = False
        return Errno.OK

    async def detach_all(self, domain: Domain) -> None:
        """iommu_group_for_each_dev(group, iommu_detach_device)."""
        async with self.mutex:
            self.walking = True
            for dev in Device:
                if dev in self.devices:
                    await self.iommu_detach_device(domain, dev)
            self.walking = False

    async def type1_attach(self, domain: Domain) -> Errno:
        """Every device is attached for itself."""
        return await self.attach_all(domain)

    async def type1_switch(self, file: File, old: Domain, new: Domain) -> Errno:
        """Detach every device, and then attach every device."""
        await self.detach_all(old)
        ret = await self.attach_all(new)
        if ret is not Errno.OK and await self.attach_all(old) is not Errno.OK:
            self.vfio_domain[file] = None
            self.iommu_domain_free(old)
        return ret

    async def type1_detach(self, domain: Domain) -> None:
        """Every device is detached for itself."""
        await self.detach_all(domain)

    @invariant(
        expect=VIOLATED,
        because="a user claims and attaches: iommu_group_for_each_dev() takes the "
        "mutex, and iommu_attach_device() of dev0 asks for it.",
    )
    def holds_no_lock_that_it_waits_for(self) -> bool:
        """I15: who walks the list does not hold the mutex that it asks for."""
        return not (self.walking and self.mutex.locked())

    # What the checker found. Each reason is the story of the shortest trace.

    @invariant(
        expect=VIOLATED,
        because="the release of a user's claim moves dev0 to the default domain, "
        "dev1 refuses it, and the group, which has no domain now, is apart.",
    )
    def one_domain_for_all_devices(self) -> bool:
        """I1: the release of v5 ignores a loop that stops at the first error."""
        return super().one_domain_for_all_devices()

    @invariant(
        expect=VIOLATED,
        because="release_dma_owner() ignores that dev1 refuses the default domain, "
        "so dev0 is on it and `domain` is NULL; the next set_dma_owner() "
        "sees no domain to detach and succeeds.",
    )
    def user_reaches_only_its_own_memory(self) -> bool:
        """I3: the user who claims next has dev0 on the default domain."""
        return super().user_reaches_only_its_own_memory()

    @invariant(
        expect=VIOLATED,
        because="dev0's DMA-API driver is about to bind; the release of a user's "
        "claim fails to attach the default domain and tells nobody, and the "
        "driver is let in.",
    )
    def dma_api_driver_on_default_domain(self) -> bool:
        """I4: use_dma_api() looks at `domain` only if owner_cnt > 0."""
        return super().dma_api_driver_on_default_domain()

    @invariant(
        expect=VIOLATED,
        because="dev0's driver attaches alone, dev1 is added, and detach_device() "
        "of dev0 warns and detaches nothing.",
    )
    def no_warn_or_underflow(self) -> bool:
        """I7: the rule of 2015 is checked again by detach_device(), too late."""
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
        because="a user releases its claim, the device refuses the default domain, "
        "and the group is left with none; no WARN_ON() tells.",
    )
    def idle_group_is_clean(self) -> bool:
        """I8: the release ignores the result of the attach."""
        return super().idle_group_is_clean()

    @invariant(
        expect=VIOLATED,
        because="the default domain cannot be attached again in detach_device(), so "
        "`domain` still points to the private domain when its driver frees "
        "it.",
    )
    def no_freed_domain_in_the_group(self) -> bool:
        """I9: detach_device() returns void; the driver frees the domain anyway."""
        return super().no_freed_domain_in_the_group()

    @transition(
        expect=VIOLATED,
        because="dev1 joins a group on a private domain and follows it; then "
        "iommu_probe_device() sees no owner and attaches the default domain "
        "to it.",
    )
    def newcomer_inherits_the_domain(self, after: DmaOwnership) -> bool:
        """I10: the second section of a hot-add looks at `owner`, not at `domain`."""
        return super().newcomer_inherits_the_domain(after)

    @invariant(
        expect=VIOLATED,
        because="dev0 and dev1 share a table entry; when dev1 is added, the default "
        "domain attached to it replaces the private domain of dev0's "
        "driver.",
    )
    def private_domain_stable_until_detach(self) -> bool:
        """I13: the newcomer takes the domain away from the driver of its sibling."""
        return super().private_domain_stable_until_detach()

    @invariant(
        expect=VIOLATED,
        because="dev1 is unplugged and its IOMMU driver has let go of it, but it is "
        "still in the list when a user's release attaches the default "
        "domain.",
    )
    def released_device_stays_detached(self) -> bool:
        """The release and the removal from the list are two critical sections."""
        return super().released_device_stays_detached()

    @reachable(
        expect=VIOLATED,
        because="a group of two that no user owns can never attach.",
    )
    def siblings_share_a_private_domain(self) -> bool:
        """The rule of 2015 is in force for all but users."""
        return super().siblings_share_a_private_domain()

    @reachable(
        expect=VIOLATED,
        because="the first iommu_attach_device() waits for ever.",
    )
    def user_attached(self) -> bool:
        """No user is ever attached, so the properties about that hold for nothing."""
        return super().user_attached()

    @reachable(
        expect=VIOLATED,
        because="the first iommu_attach_device() waits for ever.",
    )
    def user_replaced(self) -> bool:
        """No user is ever attached."""
        return super().user_replaced()

    @reachable(
        expect=VIOLATED,
        because="the first iommu_attach_device() waits for ever.",
    )
    def newcomer_follows_the_user(self) -> bool:
        """No user is ever attached."""
        return super().newcomer_follows_the_user()

    @reachable(
        expect=VIOLATED,
        because="the first iommu_attach_device() waits for ever.",
    )
    def user_keeps_the_rest(self) -> bool:
        """No user is ever attached."""
        return super().user_keeps_the_rest()


# Twins: each must violate what it names.


class DriverIsNotCounted(
    twins.DriverIsNotCounted,
    ForEachDeviceAttachLocked,
    breaks=("no_kernel_dma_beside_a_user", "owner_cnt_exact", "one_owner_at_a_time"),
):
    """A driver is let in without `owner_cnt++`."""


class WalksWithoutTheMutex(
    ForEachDeviceAttachLocked,
    breaks=(
        "no_freed_domain_in_hardware",
        "failed_call_changes_nothing",
        "attach_cnt_exact",
        "attach_cnt_does_not_underflow",
        "balance_leaves_no_freed_domain",
    ),
):
    """As in for_each_device_attach.py: all of these hold because the user is stuck."""

    async def attach_all(self, domain: Domain) -> Errno:
        """The list can change under the walk."""
        self.walking = True
        await preempt()
        for dev in Device:
            if dev in self.devices:
                ret = await self.iommu_attach_device(domain, dev)
                if ret is not Errno.OK:
                    self.walking = False
                    return ret
        self.walking = False
        return Errno.OK

    async def detach_all(self, domain: Domain) -> None:
        """The list can change under the walk."""
        self.walking = True
        await preempt()
        for dev in Device:
            if dev in self.devices:
                await self.iommu_detach_device(domain, dev)
        self.walking = False


class SwitchesByWayOfDefault(
    twins.SwitchesByWayOfDefault,
    WalksWithoutTheMutex,
    breaks="replace_never_passes_through_default",
):
    """Two mistakes: the first one lets the user attach at all."""


class AddsTwice(
    twins.AddsTwice, ForEachDeviceAttachLocked, breaks="no_evaluation_error"
):
    """A newcomer is in the list twice, which has no room for it."""
