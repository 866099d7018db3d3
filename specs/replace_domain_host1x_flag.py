"""6/8 with the flag that Jason Gunthorpe asked for, and nothing else.

"Shouldn't this add the flag to tegra_host1x_driver? And do like we did in the other
tegra stuff and switch to the dma api when !host1x_wants_iommu()?" (6 January 2022).
This is the answer to the first question alone: nobody claims for host1x any more, also
where it uses the DMA API.

Link: https://lore.kernel.org/r/20220106022053.2406748-7-baolu.lu@linux.intel.com
"""

import replace_domain
from kernel import twins
from kernel.objects import Driver
from kernel.properties import DmaOwnership
from modelcheck import VIOLATED, invariant, transition
from replace_domain_host1x import ReplaceDomainHost1x


class ReplaceDomainHost1xFlag(ReplaceDomainHost1x, floor=190_000):
    """`no_kernel_api_dma` is set, and host1x does use the DMA API."""

    tegra_driver = Driver.PRIVATE_DOMAIN

    # What the checker found. Each reason is the story of the shortest trace.

    @invariant(
        expect=VIOLATED,
        because="host1x finds a default domain and uses the DMA API, for which nobody "
        "has claimed; a user claims the group because of dev1.",
    )
    def no_kernel_dma_beside_a_user(self) -> bool:
        """I2: who is flagged must claim for the DMA API itself."""
        return super().no_kernel_dma_beside_a_user()

    @invariant(
        expect=VIOLATED,
        because="host1x makes DMA without a claim, and a user's claim detaches the "
        "default domain under it.",
    )
    def dma_api_driver_on_default_domain(self) -> bool:
        """I4: the other half of the same story."""
        return super().dma_api_driver_on_default_domain()

    @invariant
    def own_claim_refuses_no_attach(self) -> bool:
        """The flag is for this: nobody claims for host1x."""
        return super().own_claim_refuses_no_attach()

    @invariant(
        expect=VIOLATED,
        because="host1x attaches: dev1 moves to its domain, dev0 refuses it, and "
        "__iommu_attach_group() leaves it at that.",
    )
    def one_domain_for_all_devices(self) -> bool:
        """I1: the loop stops at the first error and nobody unwinds it."""
        return super().one_domain_for_all_devices()

    @invariant(
        expect=VIOLATED,
        because="a failed attach of host1x left dev1 on its domain; a user claims the "
        "group because of dev1, and finds no domain to detach.",
    )
    def user_reaches_only_its_own_memory(self) -> bool:
        """I3: a claim trusts `domain`, which says nothing about the hardware."""
        return super().user_reaches_only_its_own_memory()

    @invariant(
        expect=VIOLATED,
        because="host1x reads NULL while a user owns the group, attaches when the user "
        "is gone, and cannot get back to the default domain.",
    )
    def no_warn_on_reattach(self) -> bool:
        """I7: an unlocked read, and now no claim that keeps users away."""
        return super().no_warn_on_reattach()

    @invariant(
        expect=VIOLATED,
        because="after the failed attach of host1x, which reported its error and left, "
        "dev1 stays on its domain; no WARN_ON() tells.",
    )
    def idle_group_is_clean(self) -> bool:
        """I8: nobody is there any more, and one device is on another domain."""
        return super().idle_group_is_clean()

    @invariant(
        expect=VIOLATED,
        because="dev1 is moved to the domain of host1x, dev0 refuses it, probe() fails "
        "and frees the domain: dev1's table entry points to freed memory.",
    )
    def no_freed_domain_in_hardware(self) -> bool:
        """I9: the caller of a failed attach may free the domain, and does."""
        return super().no_freed_domain_in_hardware()

    @invariant(
        expect=VIOLATED,
        because="as for the warning: the default domain cannot be attached again, so "
        "`domain` still points to the domain of host1x when it frees it.",
    )
    def no_freed_domain_in_the_group(self) -> bool:
        """I9: detach_device() returns void; the driver frees the domain anyway."""
        return super().no_freed_domain_in_the_group()

    @transition(
        expect=VIOLATED,
        because="dev1, which shares dev0's table entry, is being added; host1x moves "
        "the entry to its domain, and then fails for dev1.",
    )
    def newcomer_inherits_the_domain(self, after: DmaOwnership) -> bool:
        """I10: the group says NULL, the table entry does not."""
        return super().newcomer_inherits_the_domain(after)

    @invariant(
        expect=VIOLATED,
        because="host1x reads NULL while a user owns the group and attaches when the "
        "user is gone; dev1 is added, gets the default domain, and shares the table "
        "entry.",
    )
    def private_domain_stable_until_detach(self) -> bool:
        """I13: the newcomer takes the domain away, where there is a default one."""
        return super().private_domain_stable_until_detach()

    @transition(
        expect=VIOLATED,
        because="attach_device() returns ENOMEM with dev1 on the domain of host1x.",
    )
    def failed_call_changes_nothing(self, after: DmaOwnership) -> bool:
        """I17: an error code does not mean that nothing happened."""
        return super().failed_call_changes_nothing(after)

    @invariant(
        expect=VIOLATED,
        because="dev1's IOMMU driver has let go of it, but it is still in the list "
        "when host1x attaches the group.",
    )
    def released_device_stays_detached(self) -> bool:
        """The release and the removal from the list are two critical sections."""
        return super().released_device_stays_detached()


# Twins: each must violate what it names.


class DriverIsNotCounted(
    twins.DriverIsNotCounted,
    ReplaceDomainHost1xFlag,
    breaks=("owner_cnt_exact", "one_owner_at_a_time"),
):
    """A driver is let in without `owner_cnt++`."""


class SwitchesByWayOfDefault(
    twins.SwitchesByWayOfDefault,
    ReplaceDomainHost1xFlag,
    breaks="replace_never_passes_through_default",
):
    """The group is on the default domain between two others."""


class DriverPutsTwice(
    twins.DriverPutsTwice, ReplaceDomainHost1xFlag, breaks="no_warn_or_underflow"
):
    """dma_cleanup() is called twice."""


class AddsUnderTheLock(
    twins.AddsUnderTheLock, ReplaceDomainHost1xFlag, breaks="deadlock"
):
    """iommu_probe_device() asks for a mutex that it holds."""


class AddsTwice(twins.AddsTwice, ReplaceDomainHost1xFlag, breaks="no_evaluation_error"):
    """A newcomer is in the list twice, which has no room for it."""


class AttachIsNotCounted(
    replace_domain.AttachIsNotCounted,
    ReplaceDomainHost1xFlag,
    breaks="attach_cnt_exact",
):
    """`attach_cnt++` is gone."""


class FlagIsForgotten(ReplaceDomainHost1xFlag, breaks="own_claim_refuses_no_attach"):
    """The driver core claims for host1x as well, and host1x finds the group claimed."""

    tegra_driver = Driver.PRIVATE_UNFLAGGED
