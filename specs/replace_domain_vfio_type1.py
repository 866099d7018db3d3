"""[PATCH v1 2/8] vfio/type1: Use iommu_group_replace_domain(), 6 January 2022.

By Lu Baolu. "After an IOMMU group is placed in a vfio container, the domain attachment
may be deferred. During this process, other kernel modules can attach another domain
simply". With 1/8 type1 replaces the domain of a group that it owns: NULL by a new
domain, the new one by a compatible one of the container, any by NULL; and the others
have to ask iommu_attach_device(), which looks at the owner (3/8).

The container is that of `kernel.vfio_container`, so that the attach can be deferred.

Link: https://lore.kernel.org/r/20220106022053.2406748-3-baolu.lu@linux.intel.com
"""

import replace_domain
from kernel import twins, vfio_twins
from kernel.vfio_container import VfioContainer
from modelcheck import VIOLATED, invariant
from replace_domain import ReplaceDomain


class ReplaceDomainVfioType1(VfioContainer, ReplaceDomain, floor=410_000):
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


# Twins: each must violate what it names.


class DriverIsNotCounted(
    twins.DriverIsNotCounted,
    ReplaceDomainVfioType1,
    breaks=("no_kernel_dma_beside_a_user", "owner_cnt_exact", "one_owner_at_a_time"),
):
    """A driver is let in without `owner_cnt++`."""


class SwitchesByWayOfDefault(
    twins.SwitchesByWayOfDefault,
    ReplaceDomainVfioType1,
    breaks="replace_never_passes_through_default",
):
    """The group is on the default domain between two others."""


class DriverPutsTwice(
    twins.DriverPutsTwice, ReplaceDomainVfioType1, breaks="no_warn_or_underflow"
):
    """dma_cleanup() is called twice."""


class AddsUnderTheLock(
    twins.AddsUnderTheLock, ReplaceDomainVfioType1, breaks="deadlock"
):
    """iommu_probe_device() asks for a mutex that it holds."""


class AddsTwice(twins.AddsTwice, ReplaceDomainVfioType1, breaks="no_evaluation_error"):
    """A newcomer is in the list twice, which has no room for it."""


class MmioByWayOfDefault(
    vfio_twins.MmioByWayOfDefault,
    ReplaceDomainVfioType1,
    breaks="mmio_reaches_only_own_memory",
):
    """A write to a register finds the device on the default domain."""


class ReleasesWhileOpen(
    vfio_twins.ReleasesWhileOpen,
    ReplaceDomainVfioType1,
    breaks="usable_only_after_the_claim",
):
    """The claim is given back while the device is open."""


class AttachIsNotCounted(
    replace_domain.AttachIsNotCounted, ReplaceDomainVfioType1, breaks="attach_cnt_exact"
):
    """`attach_cnt++` is gone."""
