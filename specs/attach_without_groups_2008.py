"""iommu_attach_device() in 2008: there are no groups, and no lock.

Commit fc2100eb4d09 ("add frontend implementation for the IOMMU API"): attaching and
detaching go straight to the IOMMU driver. The user is KVM's device assignment, which
attaches what is bound to pci-stub (VFIO, in the names of these specs) to the domain of
its guest, device by device. The cover letter of 6 January 2022: "people realized that
iommu_attach_device() allowed different device in a same group to attach different
domain."

What the model calls the group are devices that cannot be isolated from each other,
whether the kernel knows it or not.

Link: https://git.kernel.org/torvalds/c/fc2100eb4d09
"""

from kernel import twins
from kernel.before_domains import BeforeDomains
from kernel.objects import Device, Domain, Driver, Errno, File
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


class AttachWithoutGroups2008(BeforeDomains, floor=22_000):
    """`assigned` is the guest's device; `claims` are the users that have one."""

    assigned: dict[File, Device | None] = {file: None for file in File}

    async def iommu_attach_device(self, domain: Domain, dev: Device) -> Errno:
        """`ops->attach_dev(domain, dev)`."""
        await preempt()
        ret = self._iommu_attach_device(domain, dev)
        if ret is Errno.OK and domain is Domain.PRIVATE:
            self.attached.add(dev)
        return ret

    async def iommu_detach_device(self, domain: Domain, dev: Device) -> None:
        """`ops->detach_dev(domain, dev)`."""
        await preempt()
        if domain is Domain.PRIVATE:
            self.attached.discard(dev)
        self.ops_detach_dev(dev)
        await preempt()

    async def dma_configure(
        self,
        dev: Device,  # noqa: ARG002 - nobody claims for a driver
    ) -> Errno:
        """The driver core claims nothing."""
        return Errno.OK

    async def dma_cleanup(self, dev: Device) -> None:
        """There is nothing to give back."""

    async def really_probe(self, dev: Device, driver: Driver) -> Errno:
        """There is no flag to set, so there is one kind of driver with a domain."""
        require(driver is not Driver.PRIVATE_UNFLAGGED)
        return await super().really_probe(dev, driver)

    async def vfio_unregister_group_dev(self, dev: Device) -> None:
        """pci-stub does not know whether a guest has its device."""
        self.vfio_devices.discard(dev)

    async def iommu_probe_device(self, dev: Device) -> None:
        """A device is there, and nothing else happens."""
        await preempt()
        self.devices.append(dev)

    async def iommu_release_device(self, dev: Device) -> None:
        """A device is gone, and so is its table entry."""
        self.ops_release_device(dev)
        self.devices = [other for other in self.devices if other is not dev]

    async def kvm_assign_device(self, file: File, domain: Domain) -> None:
        """KVM_ASSIGN_PCI_DEVICE: one device, whatever else there is."""
        dev = choose(self.vfio_devices)
        if await self.iommu_attach_device(domain, dev) is Errno.OK:
            self.assigned[file] = dev
            self.claims.add(file)
            self.vfio_domain[file] = domain
        else:
            self.iommu_domain_free(domain)

    async def kvm_deassign_device(self, file: File, domain: Domain) -> None:
        """KVM_DEASSIGN_PCI_DEVICE, which the end of the guest implies."""
        dev = self.assigned[file]
        if dev is not None:
            await self.iommu_detach_device(domain, dev)
        self.assigned[file] = None
        self.claims.discard(file)
        self.vfio_domain[file] = None
        self.iommu_domain_free(domain)

    @process
    async def vfio_user(self, file: File) -> None:
        """A guest gets a device and gives it back, for ever."""
        while True:
            require(len(self.vfio_devices) > 0)
            domain = self.iommu_domain_alloc(file)
            if domain is not None:
                self.containers.add(file)
                await self.kvm_assign_device(file, domain)
                await preempt()
                if self.vfio_domain[file] is not None:
                    await self.kvm_deassign_device(file, domain)
                await preempt()
                self.containers.discard(file)
            await preempt()

    @invariant
    def owner_cnt_exact(self) -> bool:
        """I5: there is no counter that could be wrong."""
        return self.owner_cnt == 0

    @reachable
    def guest_beside_a_private_domain(self) -> bool:
        """Devices that share no table entry are on two domains, and all is well."""
        return (
            not self.alias
            and len(self.claims) > 0
            and len(self.attached) > 0
            and self.has_domains(Domain.USER_A, Domain.PRIVATE)
        )

    def has_domains(self, one: Domain, other: Domain) -> bool:
        """Whether one device is on `one`, and one on `other`."""
        return any(self.hw[dev] is one for dev in Device) and any(
            self.hw[dev] is other for dev in Device
        )

    # What the checker found. Each reason is the story of the shortest trace.

    @invariant(
        expect=VIOLATED,
        because="dev0's driver attaches its domain to dev0; dev1 is not asked.",
    )
    def one_domain_for_all_devices(self) -> bool:
        """I1: "different device in a same group" on different domains."""
        return super().one_domain_for_all_devices()

    @invariant(
        expect=VIOLATED,
        because="dev0 is bound to a DMA-API driver, and dev1 is assigned to a guest.",
    )
    def no_kernel_dma_beside_a_user(self) -> bool:
        """I2: nobody looks at what cannot be isolated from the guest's device."""
        return super().no_kernel_dma_beside_a_user()

    @invariant(
        expect=VIOLATED,
        because="dev0 is on the domain of its driver, and dev1 is assigned to a "
        "guest, which can reach dev0 by peer-to-peer DMA.",
    )
    def user_reaches_only_its_own_memory(self) -> bool:
        """I3: the guest's neighbour is on a domain of the kernel."""
        return super().user_reaches_only_its_own_memory()

    @invariant(
        expect=VIOLATED,
        because="dev0 is bound to a DMA-API driver; dev1's driver attaches its "
        "domain to dev1 and moves dev0, which has the same requester id.",
    )
    def dma_api_driver_on_default_domain(self) -> bool:
        """I4: who shares a table entry shares the domain, without being asked."""
        return super().dma_api_driver_on_default_domain()

    @transition(
        expect=VIOLATED,
        because="dev0's driver attaches its domain, dev1 is added, and dev1 is on "
        "none.",
    )
    def newcomer_inherits_the_domain(self, after: DmaOwnership) -> bool:
        """I10: there is nothing that a newcomer could inherit from."""
        return super().newcomer_inherits_the_domain(after)

    @invariant(
        expect=VIOLATED,
        because="dev0 and dev1 share a table entry and a driver; when probe() of "
        "dev1 fails and detaches it, dev0 is detached as well.",
    )
    def private_domain_stable_until_detach(self) -> bool:
        """I13: one of two drivers detaches for both."""
        return super().private_domain_stable_until_detach()

    @reachable(
        expect=VIOLATED,
        because="KVM_ASSIGN_PCI_DEVICE attaches to the domain of the guest, and "
        "there is no request to change it.",
    )
    def user_replaced(self) -> bool:
        """A guest has one domain for its life."""
        return super().user_replaced()


# Twins: each must violate what it names.


class OnlyDriversClaim(
    twins.OnlyDriversClaim,
    AttachWithoutGroups2008,
    breaks=("owner_cnt_exact", "one_owner_at_a_time"),
):
    """The driver core claims for drivers, and users are not asked."""


class DetachCountsDevices(
    twins.DetachCountsDevices, AttachWithoutGroups2008, breaks="no_warn_or_underflow"
):
    """The rule of 2015, at detach only."""


class DetachIsThatOf2015(AttachWithoutGroups2008, breaks="no_warn_on_reattach"):
    """There is a default domain, to which a detached device returns."""

    default_domain = Domain.DEFAULT

    async def iommu_detach_device(self, domain: Domain, dev: Device) -> None:
        """A device can refuse it."""
        await super().iommu_detach_device(domain, dev)
        self._iommu_detach_group()


class DetachDevDoesNothing(
    twins.DetachDevDoesNothing,
    AttachWithoutGroups2008,
    breaks=("idle_group_is_clean", "no_freed_domain_in_hardware"),
):
    """The device stays on the domain that it should leave."""


class AttachRecordsTheDomain(
    twins.AttachRecordsTheDomain,
    AttachWithoutGroups2008,
    breaks="no_freed_domain_in_the_group",
):
    """Somebody records a domain, and nobody clears it."""


class AttachDetachesFirst(
    twins.AttachDetachesFirst,
    AttachWithoutGroups2008,
    breaks="failed_call_changes_nothing",
):
    """The IOMMU driver detaches the old domain before it tries the new one."""


class GuestSwitchesDomains(
    twins.SwitchesByWayOfDefault,
    AttachWithoutGroups2008,
    breaks="replace_never_passes_through_default",
):
    """A guest gets another domain, as VFIO does it later, through the default one."""

    async def kvm_deassign_device(self, file: File, domain: Domain) -> None:
        """First the other domain."""
        await self.vfio_iommu_type1_switch_group(file, domain, Domain.USER_B)
        await super().kvm_deassign_device(file, domain)


class ReleaseKeepsTheTableEntry(
    twins.ReleaseKeepsTheTableEntry,
    twins.DetachDevDoesNothing,
    AttachWithoutGroups2008,
    breaks="released_device_stays_detached",
):
    """Neither detach nor release clears the table entry."""

    async def iommu_release_device(self, dev: Device) -> None:
        """As in Linux 5.16."""
        self.leaving.add(dev)
        await preempt()
        await super().iommu_release_device(dev)
        self.leaving.discard(dev)


class DriverWaitsForItsGuest(AttachWithoutGroups2008, breaks="deadlock"):
    """pci-stub waits for a guest, which it does not know."""

    async def vfio_unregister_group_dev(self, dev: Device) -> None:
        """Nobody wakes it up."""
        await super().vfio_unregister_group_dev(dev)
        await until(lambda: dev in self.vfio_devices)


class AddsTwice(twins.AddsTwice, AttachWithoutGroups2008, breaks="no_evaluation_error"):
    """A newcomer is in the list twice, which has no room for it."""
