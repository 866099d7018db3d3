"""What the driver core sketch of 22 September 2021 does in the end.

The opposite of 6.6: unplugging ends (L4), because VFIO's user never gets the group.
"""

from driver_core_sketch import DriverCoreSketch
from kernel.liveness import DeferredLiveness
from kernel.objects import Device, Errno
from modelcheck import VIOLATED, Formula, preempt, temporal


class DriverCoreSketchLiveness(DeferredLiveness, DriverCoreSketch):
    """The driver core claims for all drivers, with L1 to L7."""

    # What the checker found. Each reason is the story of the lasso.

    @temporal(
        expect=VIOLATED,
        because="the driver core claims the group for VFIO, too; VFIO stays bound, and "
        "its user gets EPERM for ever.",
    )
    def user_claim_possible(self) -> Formula:
        """L7: there is no way to opt out: VFIO can never claim."""
        return super().user_claim_possible()


# Twins: each must violate what it names.


class DeferralIsHeldAgainstADevice(
    DriverCoreSketchLiveness, breaks="deferred_probe_succeeds"
):
    """The driver of a device that was deferred once does not like it any more."""

    deferred_once: set[Device] = set()

    def driver_probe_device(self, dev: Device, ret: Errno) -> None:
        """It is remembered."""
        super().driver_probe_device(dev, ret)
        if ret is Errno.EPROBE_DEFER:
            self.deferred_once.add(dev)

    async def probe(self, dev: Device) -> Errno:
        """It fails, for ever."""
        if dev not in self.deferred_once:
            return await super().probe(dev)
        self.dma.add(dev)
        await preempt()
        self.dma.discard(dev)
        return Errno.ENODEV
