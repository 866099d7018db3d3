"""The split API, as Jason Gunthorpe typed it on 23 December 2021.

"We get rid of the enum as a multiplexor parameter, each API does only what it needs,
they don't call each other." The mail has the code of two functions; it is taken
literally, with the `= 1` that its author called a mistake on the next day. The others
are those of the list in his mail of the day before ("try to imagine the gaps"), where
iommu_group_release_dma_owner() is "iommu_detach_group() && iommu_group_release_dma_
owner()", and iommu_replace_group_domain() "makes group point at new_domain. new_domain
can be NULL". iommu_attach_device() is "as is in this patch", the rule of 2015.

Left out: iommu_attach_device_shared(), of which there is no code without the enum.

Link: https://lore.kernel.org/r/20211223140300.GC1779224@nvidia.com
Link: https://lore.kernel.org/r/20211223005712.GA1779224@nvidia.com
"""

from kernel import twins
from kernel.happy_paths import CountedDrivers
from kernel.objects import Device, Domain, Errno, File
from kernel.properties import DmaOwnership
from modelcheck import VIOLATED, invariant, reachable, transition


class SplitApiSketch(CountedDrivers, floor=460_000):
    """The two functions of the mail, and what VFIO needs from the family."""

    async def iommu_device_use_dma_api(self, dev: Device) -> Errno:
        """23 December: nobody else may be there, not even another kernel driver."""
        async with self.mutex:
            if self.owner_cnt != 0 or self.domain is not self.default_domain:
                return Errno.EBUSY
            self.owner_cnt = 1
            self.owner = None
            self.dma_api_users.add(dev)
        return Errno.OK

    async def iommu_group_set_dma_owner(self, owner: File) -> Errno:
        """23 December: the group is detached before `owner` is set."""
        async with self.mutex:
            if self.owner_cnt != 0:
                if self.owner is not owner:
                    return Errno.EBUSY
                self.owner_cnt += 1
                self.claims.add(owner)
                return Errno.OK
            if self.domain is not None and self.domain is not self.default_domain:
                return Errno.EBUSY
            self._iommu_detach_group()
            self.owner_cnt = 1
            self.owner = owner
            self.claims.add(owner)
        return Errno.OK

    async def iommu_group_release_dma_owner(self) -> None:
        """22 December: detach, then release as before."""
        async with self.mutex:
            if self.owner_cnt == 0 or self.owner is None:
                self.warned = True
                return
            self.claims.discard(self.owner)
            self.owner_cnt -= 1
            if self.owner_cnt > 0:
                return
            self._iommu_detach_group()
            if self.default_domain is not None:
                self._iommu_attach_group(self.default_domain)
            self.owner = None

    async def iommu_replace_group_domain(self, new: Domain | None) -> Errno:
        """22 December: never by way of the default domain.

        What happens if a device refuses is a gap to imagine: here the walk ends.
        """
        async with self.mutex:
            if new is None:
                for dev in self.devices:
                    self.ops_detach_dev(dev)
            else:
                ret = self._attach_each(new)
                if ret is not Errno.OK:
                    return ret
            self.domain = new
        return Errno.OK

    async def type1_attach(self, domain: Domain) -> Errno:
        """replace(NULL, domain_1)."""
        return await self.iommu_replace_group_domain(domain)

    async def type1_switch(
        self,
        file: File,  # noqa: ARG002 - there is nothing to attach again
        old: Domain,  # noqa: ARG002 - nor to detach first
        new: Domain,
    ) -> Errno:
        """replace(domain_1, domain_2)."""
        return await self.iommu_replace_group_domain(new)

    async def type1_detach(
        self,
        domain: Domain,  # noqa: ARG002 - the group leaves whatever it is on
    ) -> None:
        """replace(domain_2, NULL)."""
        await self.iommu_replace_group_domain(None)

    # What the checker found. Each reason is the story of the shortest trace.

    @invariant(
        expect=VIOLATED,
        because="dev0's driver, alone in the group, attaches; dev1 is added, follows, "
        "and then iommu_probe_device() attaches the default domain to dev1 only.",
    )
    def one_domain_for_all_devices(self) -> bool:
        """I1: the second section of a hot-add looks at `owner`, not at `domain`."""
        return super().one_domain_for_all_devices()

    @invariant(
        expect=VIOLATED,
        because="VFIO's user claims the group: __iommu_detach_group() finds no owner "
        "yet and the default domain attached, and does nothing.",
    )
    def user_reaches_only_its_own_memory(self) -> bool:
        """I3: `owner` is set too late; the user starts on the default domain."""
        return super().user_reaches_only_its_own_memory()

    @invariant(
        expect=VIOLATED,
        because="dev0's driver attaches while it is alone; dev1 is added; now "
        "detach_device() finds two devices, warns, and detaches nothing.",
    )
    def no_warn_or_underflow(self) -> bool:
        """I7: iommu_attach_device() "as is in this patch" has the rule of 2015."""
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
        because="release_dma_owner() ignores that dev0 refuses the default domain; the "
        "group is left without any domain, and no WARN_ON() tells.",
    )
    def idle_group_is_clean(self) -> bool:
        """I8: nobody is there any more, and the group has no domain."""
        return super().idle_group_is_clean()

    @invariant(
        expect=VIOLATED,
        because="replace_group_domain() moves dev0 to the user's domain, dev1 refuses "
        "it, and type1 frees it: dev0's table entry points to freed memory.",
    )
    def no_freed_domain_in_hardware(self) -> bool:
        """I9: what happens if a device refuses is one of the gaps to imagine."""
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
        because="replace_group_domain() returns ENOMEM with dev0 on the user's domain.",
    )
    def failed_call_changes_nothing(self, after: DmaOwnership) -> bool:
        """I17: an error code does not mean that nothing happened."""
        return super().failed_call_changes_nothing(after)

    @invariant(
        expect=VIOLATED,
        because="dev1's IOMMU driver has let go of it, but it is still in the list "
        "when the user releases the group and all get the default domain.",
    )
    def released_device_stays_detached(self) -> bool:
        """The release and the removal from the list are two critical sections."""
        return super().released_device_stays_detached()

    @reachable(
        expect=VIOLATED,
        because="the `= 1`: while dev0's driver is counted, use_dma_api() returns "
        "EBUSY to dev1's.",
    )
    def siblings_both_bound(self) -> bool:
        """L6: "doesn't work for multi-device groups" (Lu Baolu, the next day)."""
        return super().siblings_both_bound()

    @reachable(
        expect=VIOLATED,
        because="the rule of 2015: with two devices in the group attach_device() "
        "returns EINVAL, so the second driver can never join the first.",
    )
    def siblings_share_a_private_domain(self) -> bool:
        """Here "dev and domain are 1:1"; to share needs the _shared() variant."""
        return super().siblings_share_a_private_domain()


# Twins: each must violate what it names.


class DriverIsNotCounted(
    twins.DriverIsNotCounted,
    SplitApiSketch,
    breaks=(
        "no_kernel_dma_beside_a_user",
        "owner_cnt_exact",
        "one_owner_at_a_time",
        "dma_api_driver_on_default_domain",
    ),
):
    """A driver is let in without `owner_cnt++`."""


class SwitchesByWayOfDefault(
    twins.SwitchesByWayOfDefault,
    SplitApiSketch,
    breaks="replace_never_passes_through_default",
):
    """The group is on the default domain between two others."""


class AddsUnderTheLock(twins.AddsUnderTheLock, SplitApiSketch, breaks="deadlock"):
    """iommu_probe_device() asks for a mutex that it holds."""


class AddsTwice(twins.AddsTwice, SplitApiSketch, breaks="no_evaluation_error"):
    """A newcomer is in the list twice, which has no room for it."""
