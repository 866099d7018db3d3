"""Linux 6.5 with a VFIO container in full, which the kernel may take away.

From 6.2 on the group that loses its last device loses its container (commit
ca5f21b25749, "vfio: Follow a strict lifetime for struct iommu_group"), so that nobody
waits for a user who does not close it. The ioctls that come too late get an error.

Link: https://git.kernel.org/torvalds/c/ca5f21b25749
"""

from kernel.vfio_lifetime import VfioStrictLifetime
from mainline_6_5 import Linux65


class Linux65VfioContainer(VfioStrictLifetime, Linux65):
    """drivers/vfio/group.c and container.c; what went wrong before is as before."""
