"""[PATCH v1 2/8] vfio/type1: Use iommu_group_replace_domain(), 6 January 2022.

By Lu Baolu. "After an IOMMU group is placed in a vfio container, the domain attachment
may be deferred. During this process, other kernel modules can attach another domain
simply". With 1/8 type1 replaces the domain of a group that it owns: NULL by a new
domain, the new one by a compatible one of the container, any by NULL; and the others
have to ask iommu_attach_device(), which looks at the owner (3/8).

The container is that of `kernel.vfio_container`, so that the attach can be deferred.

Link: https://lore.kernel.org/r/20220106022053.2406748-3-baolu.lu@linux.intel.com
"""

from kernel.vfio_container import VfioContainer
from modelcheck import VIOLATED, invariant
from replace_domain import ReplaceDomain


class ReplaceDomainVfioType1(VfioContainer, ReplaceDomain):
    """vfio_iommu_type1_attach_group() and vfio_iommu_type1_detach_group()."""

    # What the checker found. Each reason is the story of the shortest trace.

    @invariant(
        expect=VIOLATED,
        because="dev0 is being unbound from VFIO when its user sets the container; "
        "remove() now waits until the user closes it.",
    )
    def removal_waits_for_open_devices_only(self) -> bool:
        """L4: a user may keep a container for ever, and needs no device for it."""
        return super().removal_waits_for_open_devices_only()
