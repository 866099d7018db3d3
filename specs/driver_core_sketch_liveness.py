"""What driver_core_sketch.py does in the end."""

from kernel.liveness import DeferredLiveness
from driver_core_sketch import DriverCoreSketch


class DriverCoreSketchLiveness(DeferredLiveness, DriverCoreSketch):
    """x."""
