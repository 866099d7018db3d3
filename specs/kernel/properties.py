"""What every design of DMA ownership promises, in the kernel's words.

`I1` to `I18` are the numbers of the project's catalogue; each docstring names the mail
or commit that the promise comes from. A state "at unlock" is one with a free mutex.
"Silently" means that no WARN_ON() has fired before: a failure that the kernel warns of
is reported once, by the property about the warning, and hides no other story.
"""

from kernel.objects import Device, Domain, File
from kernel.vfio import Vfio
from modelcheck import invariant, reachable, transition


class DmaOwnership(Vfio):
    """The whole kernel, with the ownership API of v5; proposals derive from it."""

    def is_idle(self) -> bool:
        """No driver, no user, no add or removal under way."""
        return (
            len(self.claims) == 0
            and len(self.joining) == 0
            and len(self.leaving) == 0
            and all(self.driver[dev] is None for dev in Device)
        )

    def has_warned(self) -> bool:
        """Whether some WARN_ON() has fired."""
        return self.warned or self.reattach_warned

    def is_user_on(self, domain: Domain) -> bool:
        """Whether a user has attached `domain`, and all devices are in and on it."""
        return any(self.vfio_domain[file] is domain for file in File) and all(
            self.is_settled(dev) and self.hw[dev] is domain for dev in Device
        )

    def is_foreign(self, domain: Domain | None, file: File) -> bool:
        """Whether `domain` reaches memory that the user `file` must not reach."""
        if domain in (Domain.DEFAULT, Domain.PRIVATE, Domain.IDENTITY):
            return True
        return (
            domain is not None
            and self.user_of[domain] is not None
            and self.user_of[domain] is not file
        )

    def is_freed(self, domain: Domain | None) -> bool:
        """Whether `domain` is a pointer to nothing."""
        return domain is not None and domain not in self.live

    @invariant
    def one_domain_for_all_devices(self) -> bool:
        """I1: at unlock every device is on `group->domain`.

        "All devices are in the same address space" is still guaranteed, says the
        commit message of 3/8; commit e7f85dfbbc9c restates it. Devices in the middle of
        an add or a removal are exempt.
        """
        return self.mutex.locked() or all(
            self.hw[dev] is self.domain for dev in Device if self.is_settled(dev)
        )

    @invariant
    def no_kernel_dma_beside_a_user(self) -> bool:
        """I2: "entirely under kernel control or userspace control, never a mixture".

        Commit message of v5 01/14.
        """
        return len(self.dma) == 0 or (
            not self.is_user_owned() and len(self.claims) == 0
        )

    @invariant
    def user_reaches_only_its_own_memory(self) -> bool:
        """I3: from claim to release no device is on the default or another's domain.

        Lu Baolu, 23 December 2021: after the claim the user may program DMA
        through MMIO registers, also before any of its domains is attached.
        """
        return self.mutex.locked() or not any(
            self.is_foreign(self.hw[dev], file)
            for file in File
            for dev in self.devices
            if file in self.claims
        )

    @invariant
    def dma_api_driver_on_default_domain(self) -> bool:
        """I4: from start of probe() to end of remove(), never silently another one.

        iommu_device_use_dma_api(): "Return 0 if it is allowed" (v5 01/14).
        """
        return (
            self.mutex.locked()
            or self.has_warned()
            or all(
                self.hw[dev] is self.default_domain for dev in Device if dev in self.dma
            )
        )

    @invariant
    def owner_cnt_exact(self) -> bool:
        """I5: `owner_cnt` counts the claims that are outstanding.

        Jason Gunthorpe, 24 December 2021: the `= 1` of his sketch was a mistake.
        """
        return self.owner_cnt == len(self.dma_api_users) + len(self.claims)

    @invariant
    def no_warn_or_underflow(self) -> bool:
        """I7: no WARN_ON() about a counter or about a domain still attached fires."""
        return not self.warned

    @invariant
    def no_warn_on_reattach(self) -> bool:
        """I7: __iommu_detach_group() gets the group back to the default domain."""
        return not self.reattach_warned

    @invariant
    def idle_group_is_clean(self) -> bool:
        """I8: nobody there, nothing owned, all on the default domain, or it warned.

        The other half of iommu_group_release_dma_owner(): "the UNMANAGED domain should
        be detached before all USER owners have been released" (v5 01/14).
        """
        return (
            self.mutex.locked()
            or self.has_warned()
            or not self.is_idle()
            or (
                self.owner_cnt == 0
                and not self.is_user_owned()
                and self.domain is self.default_domain
                and all(self.hw[dev] is self.domain for dev in self.devices)
            )
        )

    @invariant
    def no_freed_domain_in_hardware(self) -> bool:
        """I9: no table entry silently points to a freed domain.

        See commit 0286300e6045.
        """
        return self.has_warned() or not any(
            self.is_freed(self.hw[dev]) for dev in self.devices
        )

    @invariant
    def no_freed_domain_in_the_group(self) -> bool:
        """I9: `group->domain` does not either, warned or not; same commit."""
        return not self.is_freed(self.domain)

    @transition
    def newcomer_inherits_the_domain(self, after: "DmaOwnership") -> bool:
        """I10: once added, a device is on `group->domain`; see commit e7f85dfbbc9c."""
        return not any(
            dev in self.joining
            and after.is_settled(dev)
            and after.hw[dev] is not after.domain
            for dev in Device
        )

    @invariant
    def one_owner_at_a_time(self) -> bool:
        """I12: no claim succeeds beside another owner's; mail of 23 December 2021."""
        return len(self.claims) <= 1 and (
            len(self.claims) == 0 or len(self.dma_api_users) == 0
        )

    @invariant
    def private_domain_stable_until_detach(self) -> bool:
        """I13: a driver that attached its domain stays on it.

        "I want to manage my own I/O address space" (cover letter of the series).
        """
        return self.mutex.locked() or all(
            self.hw[dev] is Domain.PRIVATE for dev in Device if dev in self.attached
        )

    @transition
    def failed_call_changes_nothing(self, after: "DmaOwnership") -> bool:
        """I17: an attach that fails leaves hardware and group as they were.

        Jason Gunthorpe, 6 January 2022, on 1/8: "the sketchy error unwind here gives me
        some pause". Calls that return nothing, and so cannot fail, are exempt; they are
        the ones that end a claim or an attachment.
        """
        has_failed = (
            after.failures != self.failures
            and after.claims == self.claims
            and after.attached == self.attached
        )
        return not has_failed or (
            after.hw == self.hw
            and after.domain is self.domain
            and after.owner is self.owner
            and after.owner_cnt == self.owner_cnt
        )

    @invariant
    def replace_never_passes_through_default(self) -> bool:
        """I18: no device is on the default domain while a user switches domains.

        Jason Gunthorpe, 23 December 2021: "iommu_replace_group_domain() avoids ever
        reassigning default_domain".
        """
        return not self.default_gap

    @invariant
    def released_device_stays_detached(self) -> bool:
        """Nothing is attached to a device that its IOMMU driver has let go of.

        Commit dba9ca9d41f5 ("iommu: Same critical region for device release and
        removal").
        """
        return self.alias or all(
            self.hw[dev] is None for dev in Device if dev in self.leaving
        )

    @reachable
    def siblings_both_bound(self) -> bool:
        """DMA-API drivers can bind to all devices of the group (L6)."""
        return all(dev in self.bound and dev in self.dma for dev in Device)

    @reachable
    def siblings_share_a_private_domain(self) -> bool:
        """What the series is for: no longer "only works for singleton group"."""
        return all(dev in self.attached and dev in self.bound for dev in Device)

    @reachable
    def user_attached(self) -> bool:
        """A user's domain translates the DMA of every device."""
        return self.is_user_on(Domain.USER_A)

    @reachable
    def user_replaced(self) -> bool:
        """NULL, A, B: the second domain translates the DMA of every device."""
        return self.is_user_on(Domain.USER_B)

    @reachable
    def user_gone(self) -> bool:
        """A user has released the group, and the group is idle again.

        `containers` is cleared only after the release, so this is not the initial
        state.
        """
        return len(self.containers) > 0 and len(self.claims) == 0 and self.is_idle()

    @reachable
    def private_domain_detached(self) -> bool:
        """A bound driver has attached its private domain and detached it again."""
        return any(
            self.has_private_domain(dev)
            and dev in self.bound
            and dev not in self.attached
            for dev in Device
        )
