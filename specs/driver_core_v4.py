"""[PATCH v4 02/13] driver core: Set DMA ownership during driver bind/unbind.

By Lu Baolu, 17 December 2021: back in drivers/base/dd.c, now inside the loop of
re_probe, and after firmware. Function names and group are those of Linux 6.5.

A bus that has no dma_configure() is searched as well.

Link: https://lore.kernel.org/r/20211217063708.1740334-3-baolu.lu@linux.intel.com
"""

from kernel import driver_core_twins, twins
from kernel.objects import Device, Errno
from kernel.really_probe import ReallyProbe
from mainline_6_5 import Linux65
from modelcheck import VIOLATED, invariant


class DriverCoreV4(ReallyProbe, Linux65, floor=260_000):
    """device_dma_configure(), device_dma_cleanup() and their callers."""

    late_groups = False
    has_dma_configure: bool

    async def dma_configure(self, dev: Device) -> Errno:
        """device_dma_configure(): the flag does not matter without the callback."""
        if not self.has_dma_configure:
            return Errno.OK
        return await super().dma_configure(dev)

    async def dma_cleanup(self, dev: Device) -> None:
        """device_dma_cleanup()."""
        if self.has_dma_configure:
            await super().dma_cleanup(dev)

    def may_test_remove(self) -> bool:
        """A count that is wrong is not made worse, or there would be no end."""
        claims = len(self.dma_api_users) + len(self.claims)
        return self.owner_cnt == claims and super().may_test_remove()

    async def re_probe(self, dev: Device) -> Errno:
        """With "if (device_dma_configure(dev, drv)) goto pinctrl_bind_failed"."""
        ret = self.pinctrl_bind_pins()
        if ret is Errno.OK:
            if await self.dma_configure(dev) is not Errno.OK:
                self.device_unbind_cleanup(dev)
                return ret
            ret = await self.probe_configured(dev)
            if ret is not Errno.OK:
                await self.dma_cleanup(dev)
        if ret is not Errno.OK:
            self.device_unbind_cleanup(dev)
        return ret

    # What the checker found. Each reason is the story of the shortest trace.

    @invariant(
        expect=VIOLATED,
        because="the bus has no dma_configure(), so nothing is claimed for "
        "dev0; its driver does DMA when a user claims the group.",
    )
    def no_kernel_dma_beside_a_user(self) -> bool:
        """I2: the claim hangs on a callback that has another purpose."""
        return super().no_kernel_dma_beside_a_user()

    @invariant(
        expect=VIOLATED,
        because="the bus has no dma_configure(); a user's claim blocks dev0, "
        "whose driver does DMA.",
    )
    def dma_api_driver_on_default_domain(self) -> bool:
        """I4: the other side of the same story."""
        return super().dma_api_driver_on_default_domain()

    @invariant(
        expect=VIOLATED,
        because="a driver is probed, removed for a test and probed again: the "
        "claim is taken twice.",
    )
    def owner_cnt_exact(self) -> bool:
        """I5: nothing releases between the two probes."""
        return super().owner_cnt_exact()

    @invariant(
        expect=VIOLATED,
        because="as above, and the second probe fails: one of two claims is "
        "released, and owner_cnt stays 1 with nobody there.",
    )
    def idle_group_is_clean(self) -> bool:
        """I8: "renders the group unusable with VFIO/etc" (commit f429378a9bf8)."""
        return super().idle_group_is_clean()

    @invariant(
        expect=VIOLATED,
        because="a driver is removed for a test; its second probe is deferred "
        "by pinctrl, before the claim, so nothing releases the first "
        "one.",
    )
    def deferred_probe_holds_no_claim(self) -> bool:
        """The claim is kept for a driver that is not there."""
        return super().deferred_probe_holds_no_claim()

    @invariant(
        expect=VIOLATED,
        because="firmware fails, nothing is bound, and really_probe() returns "
        "0: its `ret` is still that of pinctrl.",
    )
    def probe_returns_what_it_did(self) -> bool:
        """I16: the result of device_dma_configure() is not kept."""
        return super().probe_returns_what_it_did()


# Twins: each must violate what it names.


class DriverIsNotCounted(
    twins.DriverIsNotCounted,
    DriverCoreV4,
    breaks=("one_owner_at_a_time", "no_warn_or_underflow"),
):
    """A driver is let in without `owner_cnt++`."""


class DriverCleansUpNothing(
    driver_core_twins.DriverCleansUpNothing,
    DriverCoreV4,
    breaks=(
        "private_domain_stable_until_detach",
        "no_freed_domain_in_the_group",
        "no_freed_domain_in_hardware",
        "suppliers_are_told_the_end",
    ),
):
    """A driver leaves its links, its claim, and a domain of its own."""


class UserLeavesTheWrongDomain(
    driver_core_twins.UserLeavesTheWrongDomain,
    DriverCoreV4,
    breaks=(
        "replace_never_passes_through_default",
        "user_reaches_only_its_own_memory",
        "driver_reads_no_freed_domain",
    ),
):
    """A replace goes by way of the default domain, and a detach goes nowhere."""


class DeviceIsLeftBehind(
    driver_core_twins.DeviceIsLeftBehind,
    DriverCoreV4,
    breaks=(
        "newcomer_inherits_the_domain",
        "released_device_stays_detached",
        "failed_call_changes_nothing",
        "one_domain_for_all_devices",
        "no_warn_on_reattach",
    ),
):
    """A device that comes, goes, or was moved in vain is not where its group is."""


class AddsUnderTheLock(twins.AddsUnderTheLock, DriverCoreV4, breaks="deadlock"):
    """iommu_probe_device() asks for a mutex that it holds."""


class AddsTwice(twins.AddsTwice, DriverCoreV4, breaks="no_evaluation_error"):
    """A newcomer is in the list twice, which has no room for it."""
