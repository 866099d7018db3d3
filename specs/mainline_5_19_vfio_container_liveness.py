"""What mainline_5_19_vfio_container.py does in the end."""

from kernel.liveness import ContainerLiveness
from mainline_5_19_vfio_container import Linux519VfioContainer


class Linux519VfioContainerLiveness(ContainerLiveness, Linux519VfioContainer):
    """x."""
