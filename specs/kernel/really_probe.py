"""The driver core in full: really_probe() and __device_release_driver().

The order of drivers/base/dd.c, with every exit: a supplier that is not ready, leftover
resources, pinctrl, firmware, the claim, sysfs, power domain, probe(), attributes. Each
may fail, or ask for a deferral. `if` stands for `goto`; the labels are in the comments.
Who claims DMA ownership, and where, is the business of the designs: they override the
hooks.

On a system with `late_groups` (device tree, ACPI) a device gets its group no sooner
than firmware is asked, which is in the middle of really_probe().

A design puts this class before the one of its group. What the group does wrong is the
story of other specs, so no attach fails here, no device shares the table entry of
another one, and there are two kinds of drivers: one with DMA through the kernel's API,
and VFIO. What is still violated is the fault of the driver core.

"Resources present before probing" is the fault of whoever called devm_kmalloc() for a
device without a driver, as spi-tegra210-quad and thinkpad_acpi did. Who that is, and
whether it frees them again, is left out, and so is the order in which deferred devices
are probed again.
"""

from kernel.mainline import Mainline
from kernel.objects import Device, Driver, Errno
from modelcheck import VIOLATED, choose, invariant, preempt, process, reachable, require


class ReallyProbe(Mainline):
    """`deferred` are the devices that wait to be probed again.

    `links` are the devices whose suppliers are told that their consumer is probing
    (DL_STATE_CONSUMER_PROBE); only the end of a probe, good or bad, tells them more.
    """

    alias = False

    late_groups: bool
    deferred: set[Device] = set()
    links: set[Device] = set()

    # Ghosts, for as long as a probe is on its way back to its caller: it returned what
    # it did not do; it left a link; it met resources that somebody had left; it failed
    # when it was probed again for a test.
    wrong_returns: set[Device] = set()
    links_left: set[Device] = set()
    leftovers: set[Device] = set()
    failed_again: set[Device] = set()

    def is_idle(self) -> bool:
        """A driver that is forgotten already may still have to release its claim."""
        return super().is_idle() and len(self.dma_api_users) == 0

    def may_refuse(self) -> bool:
        """No attach fails."""
        return False

    # Hooks.

    async def claim_before_probe(
        self,
        dev: Device,  # noqa: ARG002 - for designs that claim here
        driver: Driver,  # noqa: ARG002 - for designs that claim here
    ) -> Errno:
        """Before the label re_probe; a failure is returned as it is."""
        return Errno.OK

    async def release_after_unbind(self, dev: Device, driver: Driver) -> None:
        """Where probe and removal have forgotten the driver already."""

    async def resources_present(
        self,
        dev: Device,  # noqa: ARG002 - for designs that release here
        driver: Driver,  # noqa: ARG002 - for designs that release here
    ) -> Errno:
        """R2: "goto done", which is below all that is undone."""
        return Errno.EBUSY

    async def test_remove_cleanup(self, dev: Device) -> None:
        """Between the removal and the second probe of a test."""

    async def dma_configure(self, dev: Device) -> Errno:
        """bus->dma_configure(): firmware, which may make the group; then the claim."""
        ret = await self.firmware_configure(dev)
        if ret is not Errno.OK:
            return ret
        return await super().dma_configure(dev)

    def may_test_remove(self) -> bool:
        """CONFIG_DEBUG_TEST_DRIVER_REMOVE, and a driver that can be unbound."""
        return choose(bool)

    # What can fail on the way.

    def may_fail(self) -> Errno:
        """No error, one that is final, or one that asks for another try."""
        if choose(bool):
            return Errno.OK
        return Errno.EPROBE_DEFER if choose(bool) else Errno.ENODEV

    def device_links_check_suppliers(self, dev: Device) -> Errno:
        """All suppliers are ready, and are told; or none is.

        One that was told of an earlier probe, and not of its end, is not ready either;
        device_links_missing_supplier() then sets it right.
        """
        if dev in self.links or choose(bool):
            self.links.discard(dev)
            return Errno.EPROBE_DEFER
        self.links.add(dev)
        return Errno.OK

    def devres_head_is_empty(self, dev: Device) -> bool:
        """Nobody has left resources that belong to no driver."""
        if choose(bool):
            return True
        self.leftovers.add(dev)
        return False

    def pinctrl_bind_pins(self) -> Errno:
        """The pins of the device are somebody else's, or not there yet."""
        return self.may_fail()

    def driver_sysfs_add(self) -> Errno:
        """No memory for a link."""
        return Errno.OK if choose(bool) else Errno.ENOMEM

    def pm_domain_activate(self) -> Errno:
        """The power domain does not come up."""
        return Errno.OK if choose(bool) else Errno.ENODEV

    def device_add_groups(self) -> Errno:
        """Attributes of the driver, `state_synced`."""
        return Errno.OK if choose(bool) else Errno.ENOMEM

    async def firmware_configure(self, dev: Device) -> Errno:
        """of_dma_configure(): asks firmware, and brings the device into its group."""
        ret = self.may_fail()
        if ret is Errno.OK and dev not in self.devices:
            await self.iommu_probe_device(dev)
            if dev not in self.devices:
                return Errno.ENODEV
        return ret

    async def iommu_device_use_dma_api(self, dev: Device) -> Errno:
        """A device without a group is allowed anything, and nobody counts it."""
        if dev not in self.devices:
            return Errno.OK
        ret = await super().iommu_device_use_dma_api(dev)
        self.refused_binds.discard(dev)
        return ret

    async def iommu_device_unuse_dma_api(self, dev: Device) -> None:
        """The other one."""
        if dev in self.devices:
            await super().iommu_device_unuse_dma_api(dev)

    # drivers/base/dd.c and core.c

    async def hot_unplug(self, dev: Device) -> None:
        """device_del(): device_links_purge() comes before the IOMMU is told."""
        self.links.discard(dev)
        await super().hot_unplug(dev)

    def device_unbind_cleanup(self, dev: Device) -> None:
        """T2, pinctrl_bind_failed: links, devres, and the driver is forgotten."""
        self.links.discard(dev)
        self.driver[dev] = None

    async def probe_configured(self, dev: Device) -> Errno:
        """R6 to R9: what comes after dma_configure()."""
        ret = self.driver_sysfs_add()
        if ret is Errno.OK:
            ret = self.pm_domain_activate()
        if ret is Errno.OK:
            ret = await self.probe(dev)
            if ret is Errno.OK:
                ret = self.device_add_groups()
                if ret is not Errno.OK:
                    await self.remove(dev)
        return ret

    async def re_probe(self, dev: Device) -> Errno:
        """R4 to R9, and on failure what the labels T0 to T2 undo."""
        ret = self.pinctrl_bind_pins()
        if ret is Errno.OK:
            ret = await self.dma_configure(dev)
            if ret is Errno.OK:
                ret = await self.probe_configured(dev)
                if ret is not Errno.OK:
                    await self.dma_cleanup(dev)
        if ret is not Errno.OK:
            self.device_unbind_cleanup(dev)
        return ret

    async def really_probe(self, dev: Device, driver: Driver) -> Errno:
        """R0 to R11."""
        require(driver in {Driver.DMA_API, Driver.VFIO})
        self.deferred.discard(dev)
        ret = self.device_links_check_suppliers(dev)
        if ret is Errno.OK and not self.devres_head_is_empty(dev):
            return await self.resources_present(dev, driver)
        if ret is Errno.OK:
            ret = await self.claim_before_probe(dev, driver)
        if ret is not Errno.OK:
            return ret
        tested = False
        while True:
            self.driver[dev] = driver
            ret = await self.re_probe(dev)
            if self.driver[dev] is None:
                await self.release_after_unbind(dev, driver)
                if tested:
                    self.failed_again.add(dev)
                return ret
            if tested or not self.may_test_remove():
                break
            tested = True
            await self.remove(dev)
            await self.test_remove_cleanup(dev)
            self.driver[dev] = None
            await preempt()
        self.bound.add(dev)
        self.links.discard(dev)
        return ret

    async def device_release_driver(self, dev: Device) -> None:
        """__device_release_driver(): nothing, if there is no driver."""
        driver = self.driver[dev]
        if driver is None:
            return
        await self.remove(dev)
        await self.dma_cleanup(dev)
        self.driver[dev] = None
        await self.release_after_unbind(dev, driver)
        self.bound.discard(dev)

    def driver_probe_device(self, dev: Device, ret: Errno) -> None:
        """What the caller makes of it, and what it should have been."""
        if ret is Errno.EPROBE_DEFER:
            self.deferred.add(dev)
        if (
            (dev in self.bound) != (ret is Errno.OK)
            or (self.driver[dev] is not None) != (ret is Errno.OK)
            or (ret is not Errno.OK and dev in self.dma_api_users)
        ):
            self.wrong_returns.add(dev)
        if dev in self.links:
            self.links_left.add(dev)

    @process
    async def driver_core(self, dev: Device) -> None:
        """Plug in, bind, unbind and unplug `dev` for ever, in any order that exists."""
        while True:
            self.wrong_returns.discard(dev)
            self.links_left.discard(dev)
            self.leftovers.discard(dev)
            self.failed_again.discard(dev)
            if dev not in self.devices and not self.late_groups:
                await self.iommu_probe_device(dev)
            elif dev in self.devices and choose(bool):
                await self.hot_unplug(dev)
            else:
                ret = await self.really_probe(dev, choose(Driver))
                self.driver_probe_device(dev, ret)
                if ret is Errno.OK:
                    await preempt()
                    await self.device_release_driver(dev)
            await preempt()

    @invariant
    def probe_returns_what_it_did(self) -> bool:
        """I16: success means bound; an error means no driver, and no claim is left."""
        return len(self.wrong_returns) == 0

    @invariant
    def suppliers_are_told_the_end(self) -> bool:
        """A probe that fails tells its suppliers: device_links_no_driver().

        What R2 does is asked about by itself, because it was there before.
        """
        return not any(
            dev in self.links_left for dev in Device if dev not in self.leftovers
        )

    @invariant(
        expect=VIOLATED,
        because="somebody has left resources; the probe tells the suppliers, "
        "finds the resources and goes to `done`, past "
        "device_links_no_driver().",
    )
    def suppliers_are_told_of_leftovers(self) -> bool:
        """R2, "Resources present before probing", tells the suppliers as well.

        Until the next try, which is deferred for nothing, they are taken for suppliers
        of a device that is being probed, and cannot be unbound.
        """
        return not any(dev in self.links_left for dev in self.leftovers)

    @invariant
    def deferred_probe_holds_no_claim(self) -> bool:
        """A device that waits to be probed again does not keep a user out."""
        return not any(dev in self.dma_api_users for dev in self.deferred)

    @reachable
    def user_claims_while_a_probe_is_deferred(self) -> bool:
        """A probe was deferred, and before the next one a user claims the group."""
        return len(self.deferred) > 0 and len(self.claims) > 0

    @reachable
    def user_owns_the_device_of_vfio(self) -> bool:
        """L7: VFIO is bound to a device, and a user owns it."""
        return len(self.claims) > 0 and any(
            self.driver[dev] is Driver.VFIO for dev in self.bound
        )

    @reachable
    def user_refuses_a_kernel_driver(self) -> bool:
        """A user owns the group, and a driver may not bind to a device of it."""
        return len(self.refused_binds) > 0 and self.owner is not None

    @reachable
    def probe_meets_leftovers(self) -> bool:
        """R2: a driver may not be probed, while another one is bound to a sibling."""
        return len(self.leftovers) > 0 and len(self.bound) > 0

    @reachable
    def second_probe_fails(self) -> bool:
        """A driver was probed, removed for a test, and its second probe fails."""
        return len(self.failed_again) > 0

    # What the two kinds of drivers and the obedient hardware cannot do.

    @invariant
    def one_domain_for_all_devices(self) -> bool:
        """I1: no attach fails."""
        return super().one_domain_for_all_devices()

    @invariant
    def no_warn_or_underflow(self) -> bool:
        """I7: no counter is decremented at 0."""
        return super().no_warn_or_underflow()

    @invariant
    def no_warn_on_reattach(self) -> bool:
        """I7: no attach fails."""
        return super().no_warn_on_reattach()

    @invariant
    def no_freed_domain_in_the_group(self) -> bool:
        """I9: no driver has a domain to free."""
        return super().no_freed_domain_in_the_group()

    @reachable(
        expect=VIOLATED,
        because="drivers with a domain of their own are left out here.",
    )
    def siblings_share_a_private_domain(self) -> bool:
        """That is the story of the group."""
        return super().siblings_share_a_private_domain()

    @reachable(
        expect=VIOLATED,
        because="drivers with a domain of their own are left out here.",
    )
    def private_domain_detached(self) -> bool:
        """That is the story of the group."""
        return super().private_domain_detached()
