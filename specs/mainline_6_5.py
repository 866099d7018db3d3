"""Linux 6.5 to 6.7: a failing attach is undone, and newcomers inherit.

Commits dcf40ed3a20d ("iommu: Make __iommu_group_set_domain() handle error unwind"),
e7f85dfbbc9c ("iommu: Fix iommu_probe_device() to attach the right domain") and
dba9ca9d41f5 ("iommu: Same critical region for device release and removal"), the shape
that the core still has today. The user is a VFIO container. The claim of 6.2 that
nests, for one device, is iommufd's.

The IOMMU drivers keep their contract here: to attach a device again to what it was
attached to before does not fail. Without it nothing could be undone.

Link: https://lore.kernel.org/r/10-v5-1b99ae392328+44574-iommu_err_unwind_jgg@nvidia.com
"""

from kernel import twins
from kernel.detaching import Detach
from kernel.mainline import Mainline
from kernel.objects import Device, Domain, Errno, File
from kernel.properties import DmaOwnership
from modelcheck import VIOLATED, invariant, reachable, transition


class Linux65(Mainline, floor=490_000):
    """drivers/iommu/iommu.c at commit a75b2be249d6, without PASIDs and resets.

    Nothing is ever detached any more, so the worst hardware is enough.
    """

    detach = Detach.NOTHING

    # Ghost: the core's domains that a device was on, to which it can go back.
    visited: dict[Device, set[Domain]] = {dev: set() for dev in Device}

    def ops_attach_dev(self, domain: Domain, dev: Device) -> None:
        """The driver knows the domain from now on."""
        super().ops_attach_dev(domain, dev)
        if domain in (Domain.DEFAULT, Domain.BLOCKING):
            self.visited[dev].add(domain)

    def forget(self, dev: Device) -> None:
        """Who comes back is new."""
        super().forget(dev)
        self.visited[dev].clear()

    def _device_set_domain(self, new: Domain, dev: Device) -> Errno:
        """`__iommu_device_set_domain()`: what was attached before does not fail."""
        if new in self.visited[dev]:
            self.ops_attach_dev(new, dev)
            return Errno.OK
        return self._iommu_attach_device(new, dev)

    def _device_must_set_domain(self, new: Domain, dev: Device) -> Errno:
        """The same with MUST_SUCCEED: if it fails, the blocking domain instead."""
        ret = self._device_set_domain(new, dev)
        if ret is not Errno.OK and new is not Domain.BLOCKING:
            self._device_set_domain(Domain.BLOCKING, dev)
        return ret

    def _group_set_domain(self, new: Domain) -> Errno:
        """`__iommu_group_set_domain()`: who was moved is moved back on an error."""
        if self.domain is new:
            return Errno.OK
        old = self.domain
        moved = {dev: False for dev in Device}
        for dev in self.devices:
            ret = self._device_set_domain(new, dev)
            if ret is not Errno.OK:
                for other in self.devices:
                    if moved[other] and old is not None:
                        self.ops_attach_dev(old, other)
                return ret
            moved[dev] = True
        self.domain = new
        return Errno.OK

    def _group_set_domain_nofail(self, new: Domain) -> None:
        """`__iommu_group_set_domain_nofail()`: all go on, and an error warns."""
        if self.domain is new:
            return
        for dev in self.devices:
            if self._device_must_set_domain(new, dev) is not Errno.OK:
                self.reattach_warned = True
        self.domain = new

    def _iommu_attach_group(self, domain: Domain) -> Errno:
        """`__iommu_attach_group()`: from the default or the blocking domain."""
        if self.domain not in (None, self.default_domain, Domain.BLOCKING):
            return Errno.EBUSY
        return self._group_set_domain(domain)

    def _iommu_detach_group(self) -> None:
        """`__iommu_group_set_core_domain()`: which domain is detached is no matter."""
        if self.owner is not None:
            self._group_set_domain_nofail(Domain.BLOCKING)
        else:
            self._group_set_domain_nofail(Domain.DEFAULT)

    async def iommu_detach_device(self, domain: Domain, dev: Device) -> None:
        """Still the rule of 2015; and `domain` must be the one that is attached."""
        async with self.mutex:
            self.attached.discard(dev)
            if self.domain is not domain or len(self.devices) != 1:
                self.warned = True
                return
            self._iommu_detach_group()

    async def iommu_group_claim_dma_owner(self, owner: File) -> Errno:
        """`__iommu_take_dma_ownership()`: the owner after the blocking domain."""
        async with self.mutex:
            if self.owner_cnt > 0:
                self.refused_claims.add(owner)
                return Errno.EPERM
            if self.domain is not None and self.domain is not self.default_domain:
                return Errno.EBUSY
            ret = self._group_set_domain(Domain.BLOCKING)
            if ret is not Errno.OK:
                return ret
            self.owner = owner
            self.owner_cnt += 1
            self.claims.add(owner)
        return Errno.OK

    async def iommu_group_release_dma_owner(self) -> None:
        """`__iommu_release_dma_ownership()`."""
        async with self.mutex:
            if self.owner_cnt == 0 or self.owner is None:
                self.warned = True
                return
            self.claims.discard(self.owner)
            self.owner_cnt = 0
            self.owner = None
            self._group_set_domain_nofail(Domain.DEFAULT)

    async def iommu_probe_device(self, dev: Device) -> None:
        """One section: join, and follow the group or do not join."""
        async with self.mutex:
            self.devices.append(dev)
            if (
                self.domain is not None
                and self._device_set_domain(self.domain, dev) is not Errno.OK
            ):
                self.forget(dev)

    async def iommu_release_device(self, dev: Device) -> None:
        """One section: the IOMMU driver lets go, and nobody can come in between."""
        self.leaving.add(dev)
        async with self.mutex:
            self.ops_release_device(dev)
            self.forget(dev)

    @transition
    def newcomer_inherits_the_domain(self, after: DmaOwnership) -> bool:
        """I10, now that adding a device is one step."""
        return not any(
            not self.is_settled(dev)
            and after.is_settled(dev)
            and after.hw[dev] is not after.domain
            for dev in Device
        )

    @reachable
    def newcomer_follows_the_user(self) -> bool:
        """A device that saw no claim is on the user's domain: it came afterwards."""
        return self.is_user_on(Domain.USER_A) and any(
            Domain.BLOCKING not in self.visited[dev] for dev in Device
        )

    @invariant
    def released_device_stays_detached(self) -> bool:
        """Who is not in the list is not attached; see commit dba9ca9d41f5."""
        return self.alias or all(
            self.hw[dev] is None for dev in Device if dev not in self.devices
        )

    # What the checker found. Each reason is the story of the shortest trace.

    @invariant(
        expect=VIOLATED,
        because="dev1 joins a claimed group and has never been on the default "
        "domain; when the user releases its claim, dev1 refuses it and "
        "stays blocked, and the group says that it is on the default "
        "domain.",
    )
    def one_domain_for_all_devices(self) -> bool:
        """I1: MUST_SUCCEED goes on, and the group says that it is on the new domain."""
        return super().one_domain_for_all_devices()

    @invariant(
        expect=VIOLATED,
        because="dev0's driver attaches alone, dev1 is added, and detach_device() "
        "of dev0 warns and detaches nothing.",
    )
    def no_warn_or_underflow(self) -> bool:
        """I7: the singleton rule is checked again by detach_device(), too late."""
        return super().no_warn_or_underflow()

    @invariant(
        expect=VIOLATED,
        because="dev1 joins a claimed group and has never been on the default "
        "domain; when the user releases its claim, dev1 refuses it.",
    )
    def no_warn_on_reattach(self) -> bool:
        """I7: what was never attached cannot be attached "again"."""
        return super().no_warn_on_reattach()

    @invariant(
        expect=VIOLATED,
        because="dev0's driver attaches alone, dev1 is added, detach_device() "
        "refuses to detach, and the driver frees the domain that the group "
        "is on.",
    )
    def no_freed_domain_in_the_group(self) -> bool:
        """I9: the rule of 2015 still frees what the group is on."""
        return super().no_freed_domain_in_the_group()

    @reachable(
        expect=VIOLATED,
        because="attach_device() refuses a group of two, so no two devices of a "
        "group are ever attached by their drivers.",
    )
    def siblings_share_a_private_domain(self) -> bool:
        """The rule of 2015 is still there: attach_device() is for singleton groups."""
        return super().siblings_share_a_private_domain()


# Twins: each must violate what it names.


class DriverIsNotCounted(
    twins.DriverIsNotCounted,
    Linux65,
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
    Linux65,
    breaks=("replace_never_passes_through_default", "user_reaches_only_its_own_memory"),
):
    """The group is on the default domain between two others."""


class DetachDoesNothing(
    twins.DetachDoesNothing,
    Linux65,
    breaks=(
        "idle_group_is_clean",
        "no_freed_domain_in_hardware",
        "driver_reads_no_freed_domain",
    ),
):
    """The group stays on the domain that it should leave."""


class NewcomerIsNotAttached(
    twins.NewcomerIsNotAttached, Linux65, breaks="newcomer_inherits_the_domain"
):
    """A newcomer joins the list, and that is all."""


class NewcomerMovesTheGroup(Linux65, breaks="private_domain_stable_until_detach"):
    """deac0b3bed26 again: a newcomer brings the default domain along."""

    async def iommu_probe_device(self, dev: Device) -> None:
        """All devices, and `domain` as well."""
        await super().iommu_probe_device(dev)
        async with self.mutex:
            if self.owner is None:
                self._group_set_domain_nofail(Domain.DEFAULT)


class NobodyIsMovedBack(
    twins.NobodyIsMovedBack, Linux65, breaks="failed_call_changes_nothing"
):
    """Without dcf40ed3a20d: the walk of 6.0, which ends at the first error."""


class ReleasedDeviceIsBlocked(
    twins.ReleasedDeviceIsBlocked, Linux65, breaks="released_device_stays_detached"
):
    """A device is blocked for good, after the IOMMU driver has let go of it."""


class AddsUnderTheLock(twins.AddsUnderTheLock, Linux65, breaks="deadlock"):
    """iommu_probe_device() asks for a mutex that it holds."""


class AddsTwice(twins.AddsTwice, Linux65, breaks="no_evaluation_error"):
    """A newcomer is in the list twice, which has no room for it."""
