"""VFIO without iommu_attach_group(): for_each_dev() and iommu_attach_device().

Lu Baolu, 23 December 2021: "it is essentially equivalent to
iommu_group_for_each_dev(group, iommu_attach_device(dev))". Jason Gunthorpe on the same
day: "Trying to do this would be subtly buggy, remeber the group list is dynamic so when
it is time to detatch this won't reliably balance."

Here the list is walked without the mutex, which each call takes for itself. What
iommu_group_for_each_dev() really does is in for_each_device_attach_locked.py.

Link: https://lore.kernel.org/r/20211223140300.GC1779224@nvidia.com
"""

from kernel import twins
from kernel.counted_attach import CountedAttach
from kernel.objects import Device, Domain, Errno, File
from kernel.properties import DmaOwnership
from modelcheck import VIOLATED, invariant, preempt, reachable, transition


class ForEachDeviceAttach(CountedAttach, floor=2_000_000):
    """Whether a device is in the list is seen when its turn comes."""

    async def attach_all(self, domain: Domain) -> Errno:
        """iommu_group_for_each_dev(group, iommu_attach_device), up to an error."""
        await preempt()
        for dev in Device:
            if dev in self.devices:
                ret = await self.iommu_attach_device(domain, dev)
                if ret is not Errno.OK:
                    return ret
        return Errno.OK

    async def detach_all(self, domain: Domain) -> None:
        """iommu_group_for_each_dev(group, iommu_detach_device)."""
        await preempt()
        for dev in Device:
            if dev in self.devices:
                await self.iommu_detach_device(domain, dev)

    async def type1_attach(self, domain: Domain) -> Errno:
        """Every device is attached for itself."""
        self.walking = True
        ret = await self.attach_all(domain)
        self.walking = False
        return ret

    async def type1_switch(self, file: File, old: Domain, new: Domain) -> Errno:
        """Detach every device, and then attach every device."""
        self.walking = True
        await self.detach_all(old)
        ret = await self.attach_all(new)
        if ret is not Errno.OK and await self.attach_all(old) is not Errno.OK:
            self.vfio_domain[file] = None
            self.iommu_domain_free(old)
        self.walking = False
        return ret

    async def type1_detach(self, domain: Domain) -> None:
        """Every device is detached for itself."""
        self.walking = True
        await self.detach_all(domain)
        self.walking = False

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
        because="iommu_attach_device() of dev0 attaches the whole group, dev1 "
        "refuses, nobody unwinds, and VFIO frees the domain that dev0 is "
        "on.",
    )
    def no_freed_domain_in_hardware(self) -> bool:
        """I9: type1 frees a domain that could not be attached; one device is on it."""
        return super().no_freed_domain_in_hardware()

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

    @transition(
        expect=VIOLATED,
        because="iommu_attach_device() of dev0 attaches the whole group; dev1 "
        "refuses, and dev0 stays on the user's domain.",
    )
    def failed_call_changes_nothing(self, after: DmaOwnership) -> bool:
        """I17: the call for one device fails because of another one."""
        return super().failed_call_changes_nothing(after)

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

    @invariant(
        expect=VIOLATED,
        because="dev1 is attached while it is being unplugged; it is gone when the "
        "user detaches every device, and one attachment stays.",
    )
    def attach_cnt_exact(self) -> bool:
        """I6: dev1 was counted when it came, and not when the others went."""
        return super().attach_cnt_exact()

    @invariant(
        expect=VIOLATED,
        because="a user attaches dev0; dev1 is added, and detaching every device "
        "calls iommu_detach_device() twice for one attachment.",
    )
    def attach_cnt_does_not_underflow(self) -> bool:
        """I7: dev1 was not counted when it came, and is when the others go."""
        return super().attach_cnt_does_not_underflow()

    @invariant(
        expect=VIOLATED,
        because="dev1 is attached while it is being unplugged; detaching every "
        "other device leaves one attachment, the group is not detached, and "
        "VFIO frees the domain that dev0 is on.",
    )
    def balance_leaves_no_freed_domain(self) -> bool:
        """I9: nothing fails, nothing warns, and the domain in use is freed."""
        return super().balance_leaves_no_freed_domain()


# Twins: each must violate what it names.


class DriverIsNotCounted(
    twins.DriverIsNotCounted,
    ForEachDeviceAttach,
    breaks=("no_kernel_dma_beside_a_user", "owner_cnt_exact", "one_owner_at_a_time"),
):
    """A driver is let in without `owner_cnt++`."""


class SwitchesByWayOfDefault(
    twins.SwitchesByWayOfDefault,
    ForEachDeviceAttach,
    breaks="replace_never_passes_through_default",
):
    """The group is on the default domain between two others."""


class AddsUnderTheLock(twins.AddsUnderTheLock, ForEachDeviceAttach, breaks="deadlock"):
    """iommu_probe_device() asks for a mutex that it holds."""


class AddsTwice(twins.AddsTwice, ForEachDeviceAttach, breaks="no_evaluation_error"):
    """A newcomer is in the list twice, which has no room for it."""
