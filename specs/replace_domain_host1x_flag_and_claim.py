"""6/8 with all that Jason Gunthorpe asked for: the flag, and a claim for the DMA API.

"And do like we did in the other tegra stuff and switch to the dma api when
!host1x_wants_iommu()?" (6 January 2022). As in 4/8, host1x claims the group itself
where it uses the DMA API.

Link: https://lore.kernel.org/r/20220106022053.2406748-7-baolu.lu@linux.intel.com
"""

import replace_domain
from kernel import twins
from kernel.objects import Device, Driver, Errno
from modelcheck import VIOLATED, invariant
from replace_domain_host1x_flag import ReplaceDomainHost1xFlag


class ReplaceDomainHost1xFlagAndClaim(ReplaceDomainHost1xFlag, floor=230_000):
    """iommu_device_use_dma_api() and iommu_device_unuse_dma_api() by hand."""

    async def host1x_use_dma_api(self, dev: Device) -> Errno:
        """Claim, and give up if that is refused."""
        ret = await self.iommu_device_use_dma_api(dev)
        if ret is Errno.OK:
            self.dma.add(dev)
        return ret

    async def private_domain_remove(self, dev: Device) -> None:
        """Give back what was claimed."""
        has_claimed = dev in self.dma
        await super().private_domain_remove(dev)
        if has_claimed:
            await self.iommu_device_unuse_dma_api(dev)

    # What the checker found. Each reason is the story of the shortest trace.

    @invariant
    def no_kernel_dma_beside_a_user(self) -> bool:
        """I2: a user and host1x exclude each other again."""
        return super().no_kernel_dma_beside_a_user()

    @invariant(
        expect=VIOLATED,
        because="a failed attach of host1x left dev1 on its domain; use_dma_api() "
        "looks at `domain` only if owner_cnt > 0, and lets a DMA-API driver probe "
        "dev1.",
    )
    def dma_api_driver_on_default_domain(self) -> bool:
        """I4: the driver's DMA goes where the failed attach left the hardware."""
        return super().dma_api_driver_on_default_domain()


# Twins: each must violate what it names.


class DriverIsNotCounted(
    twins.DriverIsNotCounted,
    ReplaceDomainHost1xFlagAndClaim,
    breaks=("no_kernel_dma_beside_a_user", "owner_cnt_exact", "one_owner_at_a_time"),
):
    """A driver is let in without `owner_cnt++`."""


class SwitchesByWayOfDefault(
    twins.SwitchesByWayOfDefault,
    ReplaceDomainHost1xFlagAndClaim,
    breaks="replace_never_passes_through_default",
):
    """The group is on the default domain between two others."""


class DriverPutsTwice(
    twins.DriverPutsTwice,
    ReplaceDomainHost1xFlagAndClaim,
    breaks="no_warn_or_underflow",
):
    """dma_cleanup() is called twice."""


class AddsUnderTheLock(
    twins.AddsUnderTheLock, ReplaceDomainHost1xFlagAndClaim, breaks="deadlock"
):
    """iommu_probe_device() asks for a mutex that it holds."""


class AddsTwice(
    twins.AddsTwice, ReplaceDomainHost1xFlagAndClaim, breaks="no_evaluation_error"
):
    """A newcomer is in the list twice, which has no room for it."""


class AttachIsNotCounted(
    replace_domain.AttachIsNotCounted,
    ReplaceDomainHost1xFlagAndClaim,
    breaks="attach_cnt_exact",
):
    """`attach_cnt++` is gone."""


class FlagIsForgotten(
    ReplaceDomainHost1xFlagAndClaim, breaks="own_claim_refuses_no_attach"
):
    """The driver core claims for host1x as well, and host1x finds the group claimed."""

    tegra_driver = Driver.PRIVATE_UNFLAGGED
