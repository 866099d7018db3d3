"""What driver_core_5_19.py does in the end."""

from kernel.liveness import DeferredLiveness
from driver_core_5_19 import DriverCore519


class DriverCore519Liveness(DeferredLiveness, DriverCore519):
    """x."""
