"""Linux 5.19 to 6.5: the buses claim for their drivers.

Commits 25f3bcfc54bc ("driver core: Add dma_cleanup callback in bus_type") and
512881eacfa7 ("bus: platform,amba,fsl-mc,PCI: Add device DMA ownership management"):
the claim comes after firmware, which may have made the group, and the driver core
releases it wherever probe or removal undo what dma_configure() did, but for one place.
Function names and group are those of Linux 6.5.

Link: https://lore.kernel.org/r/20220308054421.847385-5-baolu.lu@linux.intel.com
"""

from kernel.really_probe import ReallyProbe
from mainline_6_5 import Linux65
from modelcheck import VIOLATED, invariant


class DriverCore519(ReallyProbe, Linux65, floor=310_000):
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
