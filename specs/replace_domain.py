"""[PATCH v1 0/8] Scrap iommu_attach/detach_group() interfaces, 6 January 2022.

By Lu Baolu, not merged in this form. iommu_attach_device() becomes the only interface
for a driver with its own I/O address space, in groups of any size. VFIO, which owns
whole groups, gets iommu_group_replace_domain(). iommu_attach_group() goes away. What
the series builds on (v5 of "Fix BUG_ON in vfio_iommu_group_notifier()") is in `kernel`.

Left out: the helpers of the drivers that 4/8 to 7/8 convert, a group without default
domain, and an IOMMU that does anything but block a detached device.

Link: https://lore.kernel.org/r/20220106022053.2406748-1-baolu.lu@linux.intel.com
"""

from kernel import twins
from kernel.objects import Device, Domain, Errno, File, Refcount
from kernel.properties import DmaOwnership
from modelcheck import VIOLATED, invariant, transition


class ReplaceDomain(DmaOwnership, floor=230_000):
    """1/8, 2/8 and 3/8, in the order of the patches."""

    attach_cnt: Refcount = 0

    async def iommu_group_replace_domain(
        self, old: Domain | None, new: Domain | None
    ) -> Errno:
        """1/8: replace the domain of a group that the caller owns."""
        ret = Errno.OK
        async with self.mutex:
            if self.owner is None or self.domain is not old:
                return Errno.EPERM
            if old is not None:
                self._iommu_detach_group()
            if new is not None:
                ret = self._iommu_attach_group(new)
                if ret is not Errno.OK and old is not None:
                    self._iommu_attach_group(old)
        return ret

    async def type1_attach(self, domain: Domain) -> Errno:
        """2/8."""
        return await self.iommu_group_replace_domain(None, domain)

    async def type1_switch(
        self,
        file: File,  # noqa: ARG002 - see the docstring
        old: Domain,
        new: Domain,
    ) -> Errno:
        """2/8: nothing to attach again, replace_domain() is to leave the old domain."""
        return await self.iommu_group_replace_domain(old, new)

    async def type1_detach(self, domain: Domain) -> None:
        """2/8: the result is not looked at."""
        await self.iommu_group_replace_domain(domain, None)

    async def iommu_attach_device(self, domain: Domain, dev: Device) -> Errno:
        """3/8: the first caller attaches the group, the others are counted."""
        if domain is Domain.DEFAULT:
            return Errno.EINVAL
        async with self.mutex:
            if self.owner_cnt > 0 and (
                (self.domain is self.default_domain and len(self.devices) != 1)
                or self.owner is not None
            ):
                return Errno.EBUSY
            if self.attach_cnt == 0:
                ret = self._iommu_attach_group(domain)
                if ret is not Errno.OK:
                    return ret
            elif self.domain is not domain:
                return Errno.EPERM
            self.owner_cnt += 1
            self.attach_cnt += 1
            self.attached.add(dev)
        return Errno.OK

    async def iommu_detach_device(self, domain: Domain, dev: Device) -> None:
        """3/8: the last caller detaches the group."""
        if domain is Domain.DEFAULT:
            self.warned = True
            return
        async with self.mutex:
            if self.attach_cnt == 0 or self.owner_cnt == 0 or self.domain is not domain:
                self.warned = True
                return
            self.attach_cnt -= 1
            self.owner_cnt -= 1
            self.attached.discard(dev)
            if self.attach_cnt == 0:
                self._iommu_detach_group()

    @invariant
    def owner_cnt_exact(self) -> bool:
        """I5: every successful attach counts as a claim, too (3/8)."""
        claims = len(self.dma_api_users) + len(self.claims) + len(self.attached)
        return self.owner_cnt == claims

    @invariant
    def attach_cnt_exact(self) -> bool:
        """I6: `attach_cnt` is the number of devices that are attached (3/8)."""
        return self.attach_cnt == len(self.attached)

    # What the checker found. Each reason is the story of the shortest trace.

    @invariant(
        expect=VIOLATED,
        because="dev0's driver attaches while dev1 is being added: dev0 moves to the "
        "private domain, dev1 refuses, and __iommu_attach_group() leaves it at that.",
    )
    def one_domain_for_all_devices(self) -> bool:
        """I1: the loop stops at the first error and nobody unwinds it."""
        return super().one_domain_for_all_devices()

    @invariant(
        expect=VIOLATED,
        because="release_dma_owner() ignores that dev1 refuses the default domain, so "
        "dev0 is on it and `domain` is NULL; the next set_dma_owner() sees no domain "
        "to detach and succeeds.",
    )
    def user_reaches_only_its_own_memory(self) -> bool:
        """I3: the user who claims next has dev0 on the default domain."""
        return super().user_reaches_only_its_own_memory()

    @invariant(
        expect=VIOLATED,
        because="a failed attach left dev0 on the private domain; use_dma_api() looks "
        "at `domain` only if owner_cnt > 0, and lets a DMA-API driver probe dev0.",
    )
    def dma_api_driver_on_default_domain(self) -> bool:
        """I4: the driver's DMA goes where the failed attach left the hardware."""
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
        because="after the failed attach of dev0's driver, which reported its error "
        "and left, dev0 stays on the private domain; no WARN_ON() tells.",
    )
    def idle_group_is_clean(self) -> bool:
        """I8: nobody is there any more, and one device is on another domain."""
        return super().idle_group_is_clean()

    @invariant(
        expect=VIOLATED,
        because="dev0 is moved to the private domain, dev1 refuses it, probe() fails "
        "and frees the domain: dev0's table entry points to freed memory.",
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
        "iommu_probe_device() sees no owner and attaches the default domain to it.",
    )
    def newcomer_inherits_the_domain(self, after: DmaOwnership) -> bool:
        """I10: the second section of a hot-add looks at `owner`, not at `domain`."""
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
        because="attach_device() returns ENOMEM with dev0 on the new domain.",
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


# Twins: each must violate what it names.


class DriverIsNotCounted(
    twins.DriverIsNotCounted,
    ReplaceDomain,
    breaks=("no_kernel_dma_beside_a_user", "one_owner_at_a_time"),
):
    """use_dma_api() lets a driver in without `owner_cnt++`."""


class DriverPutsTwice(
    twins.DriverPutsTwice,
    ReplaceDomain,
    breaks=("owner_cnt_exact", "no_warn_or_underflow"),
):
    """dma_cleanup() is called twice."""


class AttachIsNotCounted(ReplaceDomain, breaks="attach_cnt_exact"):
    """`attach_cnt++` is gone: the second device would attach the group again."""

    async def iommu_attach_device(self, domain: Domain, dev: Device) -> Errno:
        """3/8 without one of its lines."""
        ret = await super().iommu_attach_device(domain, dev)
        if ret is Errno.OK:
            self.attach_cnt -= 1
        return ret


class SwitchesByWayOfDefault(
    twins.SwitchesByWayOfDefault,
    ReplaceDomain,
    breaks="replace_never_passes_through_default",
):
    """The group is on the default domain between two others."""


class AddsUnderTheLock(twins.AddsUnderTheLock, ReplaceDomain, breaks="deadlock"):
    """iommu_probe_device() asks for a mutex that it holds."""


class AddsTwice(twins.AddsTwice, ReplaceDomain, breaks="no_evaluation_error"):
    """A newcomer is in the list twice, which has no room for it."""
