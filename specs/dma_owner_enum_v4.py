"""[PATCH v4 00/13] Fix BUG_ON in vfio_iommu_group_notifier(), 17 December 2021.

By Lu Baolu. DMA_OWNER_NONE and refcount_t are gone. 01/13 and 05/13 claim first and
look at the domain afterwards: a WARN_ON() has taken the place of the EBUSY of v3. 07/13
counts attachments in `attach_cnt`, and leaves `owner_cnt` alone. It is the patch under
which Jason Gunthorpe wrote, on 23 December, that "we get rid of the enum as a
multiplexor parameter".

Link: https://lore.kernel.org/r/20211217063708.1740334-2-baolu.lu@linux.intel.com
Link: https://lore.kernel.org/r/20211217063708.1740334-6-baolu.lu@linux.intel.com
Link: https://lore.kernel.org/r/20211217063708.1740334-8-baolu.lu@linux.intel.com
"""

from kernel import twins
from kernel.enum_owner import PRIVATE_DOMAINS, DmaOwner, EnumOwner
from kernel.objects import Device, Domain, Errno, File
from kernel.properties import DmaOwnership
from modelcheck import VIOLATED, invariant, reachable, transition


class DmaOwnerEnumV4(EnumOwner, floor=490_000):
    """01/13, 05/13 and 07/13; the caller is that of v3."""

    dma_owner = DmaOwner.DMA_API

    def _iommu_group_set_dma_owner(self, owner: DmaOwner, cookie: File | None) -> Errno:
        """01/13 with 05/13: a private domain does not stop the claim any more."""
        if self.owner_cnt > 0 and (
            self.dma_owner is not owner or self.owner_cookie != cookie
        ):
            return Errno.EBUSY
        self.dma_owner = owner
        self.owner_cookie = cookie
        self.owner_cnt += 1
        if owner is DmaOwner.PRIVATE_DOMAIN_USER and self.domain is not None:
            if self.domain is not self.default_domain:
                self.warned = True
            else:
                self._iommu_detach_group()
        return Errno.OK

    def _iommu_group_release_dma_owner(self, owner: DmaOwner) -> None:
        """01/13 with 05/13."""
        if self.owner_cnt == 0 or self.dma_owner is not owner:
            self.warned = True
            return
        self.owner_cnt -= 1
        if self.owner_cnt > 0:
            return
        self.dma_owner = DmaOwner.DMA_API
        self.owner_cookie = None
        if owner is DmaOwner.PRIVATE_DOMAIN_USER:
            if self.domain is not None:
                self.warned = True
            elif self.default_domain is not None:
                self._iommu_attach_group(self.default_domain)

    def _iommu_attach_shared(self, domain: Domain) -> Errno:
        """07/13: the caller must have claimed, but nobody checks that it is the one."""
        if self.dma_owner not in PRIVATE_DOMAINS:
            return Errno.EPERM
        if self.attach_cnt > 0:
            if self.domain is not domain:
                return Errno.EBUSY
        else:
            ret = self._iommu_attach_group(domain)
            if ret is not Errno.OK:
                return ret
        self.attach_cnt += 1
        return Errno.OK

    def _iommu_detach_shared(self, domain: Domain) -> None:
        """07/13: the last one detaches the group."""
        if (
            self.attach_cnt == 0
            or self.domain is not domain
            or self.dma_owner not in PRIVATE_DOMAINS
        ):
            self.warned = True
            return
        self.attach_cnt -= 1
        if self.attach_cnt == 0:
            self._iommu_detach_group()

    @reachable
    def counted_driver_has_its_domain(self) -> bool:
        """A driver that the driver core has claimed for attaches its own domain."""
        return any(dev in self.dma_api_users and dev in self.attached for dev in Device)

    @invariant
    def attach_cnt_exact(self) -> bool:
        """I6: `attach_cnt` counts the drivers that share the private domain."""
        return self.attach_cnt == len(self.attached & self.private_claims)

    # What the checker found. Each reason is the story of the shortest trace.

    @invariant(
        expect=VIOLATED,
        because="dev0's driver has claimed and attaches: dev0 moves to the private "
        "domain, dev1 refuses, and __iommu_attach_group() leaves it at that.",
    )
    def one_domain_for_all_devices(self) -> bool:
        """I1: the loop stops at the first error and nobody unwinds it."""
        return super().one_domain_for_all_devices()

    @invariant(
        expect=VIOLATED,
        because="release_dma_owner() ignores that dev1 refuses the default domain, so "
        "dev0 is on it and `domain` is NULL; the next claim sees no domain to detach "
        "and succeeds.",
    )
    def user_reaches_only_its_own_memory(self) -> bool:
        """I3: the user who claims next has dev0 on the default domain."""
        return super().user_reaches_only_its_own_memory()

    @invariant(
        expect=VIOLATED,
        because="release_dma_owner() ignores that dev0 refuses the default domain, so "
        "the group has none; a claim for the DMA API does not look at `domain` at all.",
    )
    def dma_api_driver_on_default_domain(self) -> bool:
        """I4: DMA_OWNER_DMA_API says who the owner is, not where the DMA goes."""
        return super().dma_api_driver_on_default_domain()

    @invariant(
        expect=VIOLATED,
        because="the only device refuses the default domain when its driver detaches.",
    )
    def no_warn_on_reattach(self) -> bool:
        """I7: __iommu_detach_group() can fail, and detaching has no way to say so."""
        return super().no_warn_on_reattach()

    @invariant(
        expect=VIOLATED,
        because="release_dma_owner() ignores that dev0 refuses the default domain; the "
        "group is left without any domain, and no WARN_ON() tells.",
    )
    def idle_group_is_clean(self) -> bool:
        """I8: nobody is there any more, and the group has no domain."""
        return super().idle_group_is_clean()

    @invariant(
        expect=VIOLATED,
        because="VFIO_SET_IOMMU moves dev0 to the user's domain, dev1 refuses it, and "
        "type1 frees the domain: dev0's table entry points to freed memory.",
    )
    def no_freed_domain_in_hardware(self) -> bool:
        """I9: the caller of a failed attach may free the domain, and does."""
        return super().no_freed_domain_in_hardware()

    @invariant(
        expect=VIOLATED,
        because="the default domain cannot be attached again when the driver detaches, "
        "so `domain` still points to the private domain when the driver frees it.",
    )
    def no_freed_domain_in_the_group(self) -> bool:
        """I9: detaching returns void; the driver frees the domain anyway."""
        return super().no_freed_domain_in_the_group()

    @transition(
        expect=VIOLATED,
        because="dev1 joins a group on a private domain and follows it; then "
        "iommu_probe_device() finds no user and attaches the default domain to it.",
    )
    def newcomer_inherits_the_domain(self, after: DmaOwnership) -> bool:
        """I10: the second section of a hot-add looks at the type, not at `domain`."""
        return super().newcomer_inherits_the_domain(after)

    @transition(
        expect=VIOLATED,
        because="attach_device_shared() returns ENOMEM with dev0 on the new domain.",
    )
    def failed_call_changes_nothing(self, after: DmaOwnership) -> bool:
        """I17: an error code does not mean that nothing happened."""
        return super().failed_call_changes_nothing(after)

    @invariant(
        expect=VIOLATED,
        because="dev1's IOMMU driver has let go of it, but it is still in the list "
        "when dev0's driver attaches the group.",
    )
    def released_device_stays_detached(self) -> bool:
        """The release and the removal from the list are two critical sections."""
        return super().released_device_stays_detached()

    @invariant(
        expect=VIOLATED,
        because="a driver that uses iommu_attach_device() attaches while it is alone; "
        "dev1 is added; now detach_device() finds two devices, warns, and detaches "
        "nothing.",
    )
    def no_warn_or_underflow(self) -> bool:
        """I7: the rule of 2015 is still there for drivers that do not share."""
        return super().no_warn_or_underflow()

    @invariant(
        expect=VIOLATED,
        because="dev0 and dev1 share a table entry; when dev1 is added, the default "
        "domain attached to it replaces the private domain of dev0's driver.",
    )
    def private_domain_stable_until_detach(self) -> bool:
        """I13: the newcomer takes the domain away from the driver of its sibling."""
        return super().private_domain_stable_until_detach()


# Twins: each must violate what it names.


class DriverIsNotCounted(
    twins.DriverIsNotCounted,
    DmaOwnerEnumV4,
    breaks=("no_kernel_dma_beside_a_user", "owner_cnt_exact", "one_owner_at_a_time"),
):
    """A driver is let in without `owner_cnt++`."""


class SwitchesByWayOfDefault(
    twins.SwitchesByWayOfDefault,
    DmaOwnerEnumV4,
    breaks="replace_never_passes_through_default",
):
    """The group is on the default domain between two others."""


class AttachCountIsOne(DmaOwnerEnumV4, breaks="attach_cnt_exact"):
    """`= 1` where 07/13 has `++`: the second driver is not counted."""

    def _iommu_attach_shared(self, domain: Domain) -> Errno:
        """07/13, with the mistake that the sketch would make a week later."""
        ret = super()._iommu_attach_shared(domain)
        if ret is Errno.OK:
            self.attach_cnt = 1
        return ret


class AddsUnderTheLock(twins.AddsUnderTheLock, DmaOwnerEnumV4, breaks="deadlock"):
    """iommu_probe_device() asks for a mutex that it holds."""


class AddsTwice(twins.AddsTwice, DmaOwnerEnumV4, breaks="no_evaluation_error"):
    """A newcomer is in the list twice, which has no room for it."""
