"""Linux 6.6: removing a driver for a test releases its claim.

Commit f429378a9bf8 ("driver core: Call dma_cleanup() on the test_remove path", which
fixes 25f3bcfc54bc), 24 July 2023, by Jason Gunthorpe: two lines before the label is
jumped to again. Firmware, claim and releases are those of Linux 5.19. A user can get in
between the two probes, and then the second one fails as it should.

Link: https://lore.kernel.org/r/0-v2-4deed94e283e+40948-really_probe_dma_cleanup_jgg@nvidia.com
"""

from kernel.objects import Device
from kernel.really_probe import ReallyProbe
from mainline_6_5 import Linux65
from modelcheck import reachable


class DriverCore66(ReallyProbe, Linux65, floor=180_000):
    """drivers/base/dd.c at commit f429378a9bf8."""

    async def test_remove_cleanup(self, dev: Device) -> None:
        """The two lines."""
        await self.dma_cleanup(dev)

    @reachable
    def user_gets_in_between(self) -> bool:
        """A probe was removed for a test; now a user owns the group, and it fails."""
        return len(self.failed_again) > 0 and len(self.claims) > 0
