"""1/8 and 2/8 on hardware where a detached device passes untranslated.

iommu_group_replace_domain() of 1/8 does not replace: it detaches the old domain and
attaches the new one, under one lock. No other caller comes in between, but the device
does. Jason Gunthorpe had asked for less on 23 December 2021, and gets it:
"iommu_replace_group_domain() avoids ever reassigning default_domain".

Link: https://lore.kernel.org/r/20220106022053.2406748-2-baolu.lu@linux.intel.com
"""

import replace_domain
from kernel import twins, vfio_twins
from kernel.detaching import Detach, DetachingHardware
from modelcheck import VIOLATED, invariant
from replace_domain_vfio_type1 import ReplaceDomainVfioType1


class ReplaceDomainVfioType1Identity(
    DetachingHardware, ReplaceDomainVfioType1, floor=760_000
):
    """As `replace_domain_vfio_type1`, on an IOMMU that passes through."""

    detach = Detach.IDENTITY

    # What the checker found. Each reason is the story of the shortest trace.

    @invariant(
        expect=VIOLATED,
        because="a user claims the group, no other step is needed: the domain is "
        "detached, and this IOMMU then lets the device pass untranslated.",
    )
    def user_reaches_only_its_own_memory(self) -> bool:
        """I3: without a domain the hardware decides, and this one passes all DMA."""
        return super().user_reaches_only_its_own_memory()

    @invariant(
        expect=VIOLATED,
        because="a user whose container has a domain already: replace_domain() moves "
        "dev0 to it by way of no domain, which is identity here.",
    )
    def replace_never_passes_through_default(self) -> bool:
        """I18: one critical section, and a gap for the hardware inside it."""
        return super().replace_never_passes_through_default()


# Twins: each must violate what it names.


class DriverIsNotCounted(
    twins.DriverIsNotCounted,
    ReplaceDomainVfioType1Identity,
    breaks=("no_kernel_dma_beside_a_user", "owner_cnt_exact", "one_owner_at_a_time"),
):
    """A driver is let in without `owner_cnt++`."""


class DriverPutsTwice(
    twins.DriverPutsTwice, ReplaceDomainVfioType1Identity, breaks="no_warn_or_underflow"
):
    """dma_cleanup() is called twice."""


class AddsUnderTheLock(
    twins.AddsUnderTheLock, ReplaceDomainVfioType1Identity, breaks="deadlock"
):
    """iommu_probe_device() asks for a mutex that it holds."""


class AddsTwice(
    twins.AddsTwice, ReplaceDomainVfioType1Identity, breaks="no_evaluation_error"
):
    """A newcomer is in the list twice, which has no room for it."""


class MmioByWayOfDefault(
    vfio_twins.MmioByWayOfDefault,
    ReplaceDomainVfioType1Identity,
    breaks="mmio_reaches_only_own_memory",
):
    """A write to a register finds the device on the default domain."""


class ReleasesWhileOpen(
    vfio_twins.ReleasesWhileOpen,
    ReplaceDomainVfioType1Identity,
    breaks="usable_only_after_the_claim",
):
    """The claim is given back while the device is open."""


class AttachIsNotCounted(
    replace_domain.AttachIsNotCounted,
    ReplaceDomainVfioType1Identity,
    breaks="attach_cnt_exact",
):
    """`attach_cnt++` is gone."""
