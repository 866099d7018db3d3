"""The rule of 2015: iommu_attach_device() is for a device that is alone in its group.

Commit 426a273834ea ("iommu: Limit iommu_attach/detach_device to devices with their own
group"), which is in force today. The number of devices is looked at while the call
holds the mutex, and never again. Jason Gunthorpe, 18 November 2021: "A singleton group
is just a multi-device group that hasn't been hotplugged yet."

What becomes of the device that ends the singleton differs by era; all are searched. The
user is VFIO with its notifier, whose findings are in vfio_notifier_bug_on.py.

Link: https://lore.kernel.org/r/20211118133325.GO2105516@nvidia.com
"""

from enum import Enum

from kernel import twins
from kernel.objects import Device, Domain, Errno
from kernel.properties import DmaOwnership
from kernel.vfio_notifier import VfioNotifier
from modelcheck import VIOLATED, invariant, reachable, transition


class Newcomer(Enum):
    """What adding a device to a group attaches to it."""

    NOTHING = 0  # 2015: it only joins the list
    GROUP = 1  # 2016 to 5.7: the group's domain, and an error is ignored
    GROUP_THEN_DEFAULT = 2  # 5.8 to 5.18, commit deac0b3bed26: always both
    ONE_SECTION = 3  # 6.5, commit e7f85dfbbc9c: the group's domain or nothing


class SingletonAttach(VfioNotifier, floor=740_000):
    """`era` is when the kernel was built."""

    era: Newcomer

    async def iommu_group_add_device(self, dev: Device) -> Errno:
        """N1. In 2015 the IOMMU driver attaches the default domain, when it is used."""
        async with self.mutex:
            ret = Errno.OK
            self.devices.append(dev)
            self.joining.add(dev)
            if self.era is Newcomer.NOTHING:
                if self.domain is Domain.DEFAULT:
                    self.ops_attach_dev(Domain.DEFAULT, dev)
            elif self.domain is not None:
                ret = self._iommu_attach_device(self.domain, dev)
            if self.era is Newcomer.GROUP:
                ret = Errno.OK
            if ret is Errno.OK and self.era is not Newcomer.GROUP_THEN_DEFAULT:
                self.joining.discard(dev)
        if ret is Errno.OK:
            self.vfio_group_nb_add_dev()
        else:
            async with self.mutex:
                self.forget(dev)
        return ret

    async def iommu_probe_device(self, dev: Device) -> None:
        """N2, or nothing more."""
        if self.era is Newcomer.GROUP_THEN_DEFAULT:
            await super().iommu_probe_device(dev)
        else:
            await self.iommu_group_add_device(dev)

    def has_stray_newcomer(self, after: "SingletonAttach", era: Newcomer) -> bool:
        """Whether a device of this era is added that is not on the group's domain."""
        return self.era is era and any(
            not self.is_settled(dev)
            and after.is_settled(dev)
            and after.hw[dev] is not after.domain
            for dev in Device
        )

    @transition(
        expect=VIOLATED,
        because="dev0's driver attaches alone, dev1 is added, and dev1 is on no "
        "domain.",
    )
    def newcomer_inherits_in_2015(self, after: "SingletonAttach") -> bool:
        """I10 where adding a device attaches nothing."""
        return not self.has_stray_newcomer(after, Newcomer.NOTHING)

    @transition(
        expect=VIOLATED,
        because="dev1 is added, refuses the group's domain, and is a member "
        "nevertheless.",
    )
    def newcomer_inherits_from_2016(self, after: "SingletonAttach") -> bool:
        """I10 where it is attached to the group's domain, and errors are ignored."""
        return not self.has_stray_newcomer(after, Newcomer.GROUP)

    @transition(
        expect=VIOLATED,
        because="dev0's driver attaches alone; dev1 is added, follows, and is "
        "attached to the default domain in the second section.",
    )
    def newcomer_inherits_in_5_8(self, after: "SingletonAttach") -> bool:
        """I10 where the default domain comes second; see commit deac0b3bed26."""
        return not self.has_stray_newcomer(after, Newcomer.GROUP_THEN_DEFAULT)

    @transition
    def newcomer_inherits_in_6_5(self, after: "SingletonAttach") -> bool:
        """I10 as commit e7f85dfbbc9c restates it."""
        return not self.has_stray_newcomer(after, Newcomer.ONE_SECTION)

    @invariant(
        expect=VIOLATED,
        because="dev0's driver attaches alone, dev1 is added, detach_device() "
        "refuses to detach, and the driver frees the domain that the group "
        "is on.",
    )
    def growth_leaves_no_freed_domain(self) -> bool:
        """I9: if no attach fails, a driver that detaches may free its domain.

        Jason Gunthorpe, 16 November 2021: "an existing bug where iommu_attach_device()
        only checks the group size and is vunerable to a hot plug increasing the group
        size after it returns".
        """
        return self.failures > 0 or not self.is_freed(self.domain)

    @reachable
    def group_has_grown(self) -> bool:
        """A driver has its domain, and its device is alone no longer."""
        return len(self.devices) == len(Device) and len(self.attached) > 0

    # What the checker found. Each reason is the story of the shortest trace.

    @invariant(
        expect=VIOLATED,
        because="dev1 is added, refuses the group's domain, and is a member "
        "nevertheless.",
    )
    def one_domain_for_all_devices(self) -> bool:
        """I1: from 2016 to 5.7 the newcomer's error is ignored."""
        return super().one_domain_for_all_devices()

    @invariant(
        expect=VIOLATED,
        because="the group is viable when the user asks for dev0; a DMA-API driver "
        "starts to probe dev1, and the user gets dev0.",
    )
    def no_kernel_dma_beside_a_user(self) -> bool:
        """I2: the group is looked at, and then the device is opened."""
        return super().no_kernel_dma_beside_a_user()

    @invariant(
        expect=VIOLATED,
        because="dev1 is being added while the user attaches the group; it follows, "
        "is then attached to the default domain, and the user opens dev0.",
    )
    def user_reaches_only_its_own_memory(self) -> bool:
        """I3: from 5.8 to 5.18 every newcomer gets the default domain."""
        return super().user_reaches_only_its_own_memory()

    @invariant(
        expect=VIOLATED,
        because="dev1 is added, refuses the default domain, is a member "
        "nevertheless, and a DMA-API driver probes it.",
    )
    def dma_api_driver_on_default_domain(self) -> bool:
        """I4: from 2016 to 5.7 the newcomer's error is ignored."""
        return super().dma_api_driver_on_default_domain()

    @invariant(
        expect=VIOLATED,
        because="dev0's driver attaches alone, dev1 is added, and detach_device() "
        "of dev0 warns and detaches nothing.",
    )
    def no_warn_or_underflow(self) -> bool:
        """I7: the size of the group is checked again when it is too late."""
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
        because="dev1 is added, refuses the group's domain, and stays without one.",
    )
    def idle_group_is_clean(self) -> bool:
        """I8: from 2016 to 5.7 the newcomer's error is ignored."""
        return super().idle_group_is_clean()

    @invariant(
        expect=VIOLATED,
        because="dev0 takes the user's domain, dev1 refuses it, nobody unwinds, and "
        "VFIO frees the domain that dev0 is on.",
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
        "iommu_probe_device() attaches the default domain to it.",
    )
    def newcomer_inherits_the_domain(self, after: DmaOwnership) -> bool:
        """I10: from 5.8 to 5.18 a newcomer follows, and is then taken away."""
        return super().newcomer_inherits_the_domain(after)

    @invariant(
        expect=VIOLATED,
        because="dev0 and dev1 share a table entry; when dev1 is added, the default "
        "domain attached to it replaces the private domain of dev0's "
        "driver.",
    )
    def private_domain_stable_until_detach(self) -> bool:
        """I13: from 5.8 to 5.18 a newcomer takes the domain from its sibling."""
        return super().private_domain_stable_until_detach()

    @transition(
        expect=VIOLATED,
        because="attach_group() returns ENOMEM for dev1 with dev0 on the user's "
        "domain.",
    )
    def failed_call_changes_nothing(self, after: DmaOwnership) -> bool:
        """I17: an error code does not mean that nothing happened."""
        return super().failed_call_changes_nothing(after)

    @invariant(
        expect=VIOLATED,
        because="a user moves to another domain; type1 detaches first, and the "
        "user's device is on the default domain in between.",
    )
    def replace_never_passes_through_default(self) -> bool:
        """I18: without an owner, detaching means the default domain."""
        return super().replace_never_passes_through_default()

    @invariant(
        expect=VIOLATED,
        because="dev1 is unplugged and its IOMMU driver has let go of it, but it is "
        "still in the list when a user attaches the group.",
    )
    def released_device_stays_detached(self) -> bool:
        """The release and the removal from the list are two critical sections."""
        return super().released_device_stays_detached()

    @reachable(
        expect=VIOLATED,
        because="attach_device() refuses a group of two, so no two devices of a "
        "group are ever attached by their drivers.",
    )
    def siblings_share_a_private_domain(self) -> bool:
        """What the rule is for, and what 3/8 of 2022 wants back."""
        return super().siblings_share_a_private_domain()

    @invariant(
        expect=VIOLATED,
        because="a user has set its container because of dev1, and dev0 is bound to "
        "a DMA-API driver; the user needs no open device for it.",
    )
    def no_bug_on(self) -> bool:
        """I14: root binds a driver, which is no reason to stop the kernel."""
        return super().no_bug_on()

    @invariant(
        expect=VIOLATED,
        because="dev1 is plugged in while a user has a container.",
    )
    def no_device_added_to_a_live_group(self) -> bool:
        """I7: "TODO Prevent device auto probing", says the code."""
        return super().no_device_added_to_a_live_group()


# Twins: each must violate what it names.


class OnlyDriversClaim(
    twins.OnlyDriversClaim,
    SingletonAttach,
    breaks=("owner_cnt_exact", "one_owner_at_a_time"),
):
    """The driver core claims for drivers, and users are not asked."""


class NewcomerIsNotAttached(SingletonAttach, breaks="newcomer_inherits_in_6_5"):
    """A newcomer joins the list, and that is all, in every era."""

    async def iommu_group_add_device(self, dev: Device) -> Errno:
        """As it was in 2012."""
        async with self.mutex:
            self.devices.append(dev)
        return Errno.OK


class AddsUnderTheLock(twins.AddsUnderTheLock, SingletonAttach, breaks="deadlock"):
    """iommu_probe_device() asks for a mutex that it holds."""


class AddsTwice(twins.AddsTwice, SingletonAttach, breaks="no_evaluation_error"):
    """A newcomer is in the list twice, which has no room for it."""
