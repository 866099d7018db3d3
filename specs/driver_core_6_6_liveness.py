"""What driver_core_6_6.py does in the end."""

from kernel.liveness import DeferredLiveness
from driver_core_6_6 import DriverCore66


class DriverCore66Liveness(DeferredLiveness, DriverCore66):
    """x."""
