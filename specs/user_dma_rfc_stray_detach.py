"""RFC 13/20 with a caller that detaches what it has not attached.

David Gibson, 14 October 2021, on the branches of iommu_detach_device(): "Shouldn't this
path (detach a thing that's not attached), be a no-op regardless of whether it's a
singleton group or not? Why does one deserve a warning and one not?"

iommufd of the RFC makes no such call. Here it does, before it unbinds a device, so that
the question gets its answer.

Link: https://lore.kernel.org/r/20210919063848.1476776-14-yi.l.liu@intel.com
"""

from kernel import twins
from kernel.objects import Device, Domain, File
from modelcheck import VIOLATED, choose, invariant
from user_dma_rfc import UserDmaRfc


class UserDmaRfcStrayDetach(UserDmaRfc, floor=260_000):
    """The only device that is unbound is one that is not attached."""

    async def iommufd_unbind_device(self, file: File, dev: Device) -> None:
        """A detach too many."""
        if choose(bool):
            await self.iommu_detach_device(Domain.USER_A, dev)
        await super().iommufd_unbind_device(file, dev)

    # What the checker found. Each reason is the story of the shortest trace.

    @invariant(
        expect=VIOLATED,
        because="the driver of dev1 is attached, and alone in the count; the detach of "
        "dev0, which is not attached, takes it away, and no warning fires.",
    )
    def attach_cnt_exact(self) -> bool:
        """I19, question 3: the attachment of another is dropped from the count."""
        return super().attach_cnt_exact()

    @invariant(
        expect=VIOLATED,
        because="dev0 is on the user's domain; dev1 is bound, too, and detached "
        "without having been attached: the group, dev0 included, is on no domain.",
    )
    def user_domain_stable_until_detach(self) -> bool:
        """I19, question 3: no warning either, where it would do some good."""
        return super().user_domain_stable_until_detach()


# Twins: each must violate what it names.


class OnlyDriversClaim(
    twins.OnlyDriversClaim,
    UserDmaRfcStrayDetach,
    breaks=("owner_cnt_exact", "one_owner_at_a_time"),
):
    """The driver core claims for drivers, and users are not asked."""


class IommufdReplaces(
    twins.SwitchesByWayOfDefault,
    UserDmaRfcStrayDetach,
    breaks="replace_never_passes_through_default",
):
    """iommufd moves a device to another ioasid, as type1 of VFIO would."""

    async def iommufd_device_detach_ioasid(self, dev: Device, domain: Domain) -> None:
        """First the other domain."""
        file = self.device_fd[dev]
        if file is not None:
            await self.vfio_iommu_type1_switch_group(file, domain, Domain.USER_B)
        await super().iommufd_device_detach_ioasid(dev, domain)


class AddsUnderTheLock(
    twins.AddsUnderTheLock, UserDmaRfcStrayDetach, breaks="deadlock"
):
    """iommu_probe_device() asks for a mutex that it holds."""


class AddsTwice(twins.AddsTwice, UserDmaRfcStrayDetach, breaks="no_evaluation_error"):
    """A newcomer is in the list twice, which has no room for it."""
