"""Groups, as they came in 2012, and iommu_attach_group() for VFIO.

Commit d72e31c93746 ("iommu: IOMMU Groups"). The group is a list with a mutex and a
notifier: nothing is recorded about what its devices are attached to, an attach that
fails in the middle is left as it is, who is added later is attached to nothing, and
iommu_attach_device() still does not know that there are groups.

A device that is unplugged leaves the group with BUS_NOTIFY_DEL_DEVICE, that is before
its driver is unbound. The IOMMU drivers clear its table entry when it is.

Link: https://git.kernel.org/torvalds/c/d72e31c93746
"""

from kernel import twins
from kernel.before_domains import BeforeDomains
from kernel.objects import Device, Domain, Errno
from kernel.properties import DmaOwnership
from kernel.vfio_notifier import VfioNotifier
from modelcheck import VIOLATED, choose, invariant, preempt, transition


class AttachGroup2012(BeforeDomains, VfioNotifier, floor=450_000):
    """drivers/iommu/iommu.c at commit d72e31c93746."""

    async def iommu_attach_group(self, domain: Domain) -> Errno:
        """iommu_group_for_each_dev() up to the first error, and no more."""
        async with self.mutex:
            return self._attach_each(domain)

    async def iommu_detach_group(self) -> None:
        """Detach every device that is in the list now."""
        async with self.mutex:
            for dev in self.devices:
                self.ops_detach_dev(dev)

    async def iommu_attach_device(self, domain: Domain, dev: Device) -> Errno:
        """No group, no lock: straight to the driver."""
        await preempt()
        ret = self._iommu_attach_device(domain, dev)
        if ret is Errno.OK:
            self.attached.add(dev)
        return ret

    async def iommu_detach_device(
        self,
        domain: Domain,  # noqa: ARG002 - the driver detaches whatever is there
        dev: Device,
    ) -> None:
        """No group, no lock: straight to the driver."""
        await preempt()
        self.attached.discard(dev)
        self.ops_detach_dev(dev)
        await preempt()

    async def iommu_probe_device(self, dev: Device) -> None:
        """iommu_group_add_device(): join the list, and tell the notifier."""
        async with self.mutex:
            self.devices.append(dev)
        self.vfio_group_nb_add_dev()

    async def iommu_group_remove_device(self, dev: Device) -> None:
        """Leave the list. What the device is attached to stays attached."""
        async with self.mutex:
            self.devices = [other for other in self.devices if other is not dev]

    async def iommu_release_device(self, dev: Device) -> None:
        """No driver is bound, so there is no table entry to clear."""
        await self.iommu_group_remove_device(dev)

    async def device_release_driver(self, dev: Device) -> None:
        """Unbind; or unplug, where the group comes first and the driver second."""
        if choose(bool) and any(
            self.is_settled(other) for other in Device if other is not dev
        ):
            await self.iommu_group_remove_device(dev)
        await super().device_release_driver(dev)
        if dev not in self.devices:
            self.ops_release_device(dev)

    @invariant(
        expect=VIOLATED,
        because="dev0 is unplugged while the user is attached: it leaves the group "
        "first; the user detaches those that are left and frees the domain, "
        "and dev0 is still on it.",
    )
    def who_leaves_the_group_is_detached(self) -> bool:
        """I9: if no attach fails, freeing a domain leaves no table entry behind."""
        return self.failures > 0 or not any(
            self.is_freed(self.hw[dev]) for dev in Device
        )

    # What the checker found. Each reason is the story of the shortest trace.

    @invariant(
        expect=VIOLATED,
        because="dev0's driver attaches its domain to dev0; dev1 is not asked.",
    )
    def one_domain_for_all_devices(self) -> bool:
        """I1: iommu_attach_device() does not know that there are groups."""
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
        because="the group is viable when the user asks for dev0; a driver attaches "
        "its own domain to dev1, and the user gets dev0. BUG_ON() has fired "
        "by then.",
    )
    def user_reaches_only_its_own_memory(self) -> bool:
        """I3: a driver attaches its domain to one device of a user's group."""
        return super().user_reaches_only_its_own_memory()

    @invariant(
        expect=VIOLATED,
        because="dev0 is bound to a DMA-API driver; dev1's driver attaches its "
        "domain to dev1 and moves dev0, which has the same requester id.",
    )
    def dma_api_driver_on_default_domain(self) -> bool:
        """I4: who shares a table entry shares the domain, without being asked."""
        return super().dma_api_driver_on_default_domain()

    @invariant(
        expect=VIOLATED,
        because="SET_IOMMU fails with dev0 on the user's domain; the user closes "
        "the group and dev0 is unbound, and stays there.",
    )
    def idle_group_is_clean(self) -> bool:
        """I8: an attach that fails leaves a device behind."""
        return super().idle_group_is_clean()

    @invariant(
        expect=VIOLATED,
        because="dev0 takes the user's domain, dev1 refuses it, nobody unwinds, and "
        "VFIO frees the domain that dev0 is on.",
    )
    def no_freed_domain_in_hardware(self) -> bool:
        """I9: type1 frees a domain that could not be attached; one device is on it."""
        return super().no_freed_domain_in_hardware()

    @transition(
        expect=VIOLATED,
        because="dev0's driver attaches its domain, dev1 is added, and dev1 is on "
        "none.",
    )
    def newcomer_inherits_the_domain(self, after: DmaOwnership) -> bool:
        """I10: nobody thought of devices that come late."""
        return super().newcomer_inherits_the_domain(after)

    @invariant(
        expect=VIOLATED,
        because="dev0 and dev1 share a table entry and a driver; when probe() of "
        "dev1 fails and detaches it, dev0 is detached as well.",
    )
    def private_domain_stable_until_detach(self) -> bool:
        """I13: one of two drivers detaches for both."""
        return super().private_domain_stable_until_detach()

    @transition(
        expect=VIOLATED,
        because="attach_group() returns ENOMEM for dev1 with dev0 on the user's "
        "domain.",
    )
    def failed_call_changes_nothing(self, after: DmaOwnership) -> bool:
        """I17: no unwind, and nothing is recorded that could be unwound to."""
        return super().failed_call_changes_nothing(after)

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
    AttachGroup2012,
    breaks=("owner_cnt_exact", "one_owner_at_a_time"),
):
    """The driver core claims for drivers, and users are not asked."""


class DetachCountsDevices(
    twins.DetachCountsDevices, AttachGroup2012, breaks="no_warn_or_underflow"
):
    """detach_device() has the rule of 2015, attach_device() has not."""


class AttachRecordsTheDomain(
    twins.AttachRecordsTheDomain, AttachGroup2012, breaks="no_freed_domain_in_the_group"
):
    """The group records a domain, and nobody clears it."""


class DetachIsThatOf2015(AttachGroup2012, breaks="no_warn_on_reattach"):
    """The group has a default domain, to which a detached device returns."""

    default_domain = Domain.DEFAULT

    async def iommu_detach_device(self, domain: Domain, dev: Device) -> None:
        """A device can refuse it."""
        await super().iommu_detach_device(domain, dev)
        self._iommu_detach_group()


class SwitchesByWayOfDefault(
    twins.SwitchesByWayOfDefault,
    AttachGroup2012,
    breaks="replace_never_passes_through_default",
):
    """The group is on the default domain between two others."""


class ReleasesBeforeLeaving(AttachGroup2012, breaks="released_device_stays_detached"):
    """The IOMMU driver lets go of a device that is still in the list."""

    async def iommu_release_device(self, dev: Device) -> None:
        """As in Linux 5.16: in between a user attaches the group."""
        self.leaving.add(dev)
        self.ops_release_device(dev)
        async with self.mutex:
            self.forget(dev)


class AddsUnderTheLock(twins.AddsUnderTheLock, AttachGroup2012, breaks="deadlock"):
    """iommu_probe_device() asks for a mutex that it holds."""


class AddsTwice(twins.AddsTwice, AttachGroup2012, breaks="no_evaluation_error"):
    """A newcomer is in the list twice, which has no room for it."""
