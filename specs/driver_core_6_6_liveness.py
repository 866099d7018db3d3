"""What the driver core of Linux 6.6 does in the end: all but what VFIO waits for.

No attach fails here. VFIO's removal is that of 5.16 (L4), as in driver_core_6_6.py.
"""

from driver_core_6_6 import DriverCore66
from kernel.liveness import DeferredLiveness
from modelcheck import VIOLATED, Formula, temporal


class DriverCore66Liveness(DeferredLiveness, DriverCore66):
    """drivers/base/dd.c as it is today, with L1 to L7."""

    # What the checker found. Each reason is the story of the lasso.

    @temporal(
        expect=VIOLATED,
        because="a user claims the group while VFIO is being unbound from its only "
        "device; the user attaches and detaches for ever and never closes, and "
        "remove() waits for that.",
    )
    def unplug_completes(self) -> Formula:
        """L4: VFIO waits until nobody uses the group, which can be never."""
        return super().unplug_completes()
