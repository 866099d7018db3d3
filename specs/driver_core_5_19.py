"""Linux 5.19 to 6.5: the buses claim for their drivers.

Commits 25f3bcfc54bc ("driver core: Add dma_cleanup callback in bus_type") and
512881eacfa7 ("bus: platform,amba,fsl-mc,PCI: Add device DMA ownership management"):
the claim comes after firmware, which may have made the group, and the driver core
releases it wherever probe or removal undo what dma_configure() did, but for one place.
Function names and group are those of Linux 6.5.

Link: https://lore.kernel.org/r/20220308054421.847385-5-baolu.lu@linux.intel.com
"""

from kernel import driver_core_twins, twins
from kernel.really_probe import ReallyProbe
from mainline_6_5 import Linux65
from modelcheck import VIOLATED, invariant


class DriverCore519(ReallyProbe, Linux65, floor=340_000):
    """drivers/base/dd.c at commit 25f3bcfc54bc."""

    def may_test_remove(self) -> bool:
        """A count that is wrong is not made worse, or there would be no end."""
        claims = len(self.dma_api_users) + len(self.claims)
        return self.owner_cnt == claims and super().may_test_remove()

    # What the checker found. Each reason is the story of the shortest trace.

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
        because="a driver is removed for a test; its second probe fails in "
        "pinctrl, before the claim, so nothing releases the first one.",
    )
    def probe_returns_what_it_did(self) -> bool:
        """I16: after an error a claim is left."""
        return super().probe_returns_what_it_did()


# Twins: each must violate what it names.


class DriverIsNotCounted(
    twins.DriverIsNotCounted,
    DriverCore519,
    breaks=(
        "no_kernel_dma_beside_a_user",
        "one_owner_at_a_time",
        "no_warn_or_underflow",
    ),
):
    """A driver is let in without `owner_cnt++`."""


class DriverCleansUpNothing(
    driver_core_twins.DriverCleansUpNothing,
    DriverCore519,
    breaks=(
        "private_domain_stable_until_detach",
        "dma_api_driver_on_default_domain",
        "no_freed_domain_in_the_group",
        "no_freed_domain_in_hardware",
        "suppliers_are_told_the_end",
    ),
):
    """A driver leaves its links, its claim, and a domain of its own."""


class UserLeavesTheWrongDomain(
    driver_core_twins.UserLeavesTheWrongDomain,
    DriverCore519,
    breaks=(
        "replace_never_passes_through_default",
        "user_reaches_only_its_own_memory",
        "driver_reads_no_freed_domain",
    ),
):
    """A replace goes by way of the default domain, and a detach goes nowhere."""


class DeviceIsLeftBehind(
    driver_core_twins.DeviceIsLeftBehind,
    DriverCore519,
    breaks=(
        "newcomer_inherits_the_domain",
        "released_device_stays_detached",
        "failed_call_changes_nothing",
        "one_domain_for_all_devices",
        "no_warn_on_reattach",
    ),
):
    """A device that comes, goes, or was moved in vain is not where its group is."""


class AddsUnderTheLock(twins.AddsUnderTheLock, DriverCore519, breaks="deadlock"):
    """iommu_probe_device() asks for a mutex that it holds."""


class AddsTwice(twins.AddsTwice, DriverCore519, breaks="no_evaluation_error"):
    """A newcomer is in the list twice, which has no room for it."""
