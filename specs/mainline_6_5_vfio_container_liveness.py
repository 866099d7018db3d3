"""What mainline_6_5_vfio_container.py does in the end."""

from kernel.liveness import ContainerLiveness
from mainline_6_5_vfio_container import Linux65VfioContainer


class Linux65VfioContainerLiveness(ContainerLiveness, Linux65VfioContainer):
    """x."""
