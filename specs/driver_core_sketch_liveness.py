"""What the driver core sketch of 22 September 2021 does in the end.

The opposite of 6.6: unplugging ends (L4), because VFIO's user never gets the group.
"""

from driver_core_sketch import DriverCoreSketch
from kernel.liveness import DeferredLiveness
from modelcheck import VIOLATED, Formula, temporal


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
