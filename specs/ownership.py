"""Who owns an IOMMU group, and nothing about how that is kept.

The abstract of every design after 2021: a group is nobody's, or the kernel's drivers
have it, or one user has it. A user never gets a group that reaches the kernel's memory,
and it never passes from one side to the other without being given back. There are no
counters, no locks and no devices here; `modelcheck refine` asks whether a design with
all of these does only what is allowed here.
"""

from kernel.objects import File
from modelcheck import Spec, action, choose, invariant, reachable, require, transition


class Ownership(Spec, floor=5):
    """Three facts, and the steps that may change them."""

    kernel: bool = False
    user: File | None = None
    default: bool = True

    @action
    def kernel_claims(self) -> None:
        """A kernel driver comes, with a domain of its own or without."""
        require(self.user is None)
        self.kernel = True
        self.default = choose(bool)

    @action
    def kernel_releases(self) -> None:
        """The last kernel driver goes, and with it its domain."""
        require(self.kernel)
        self.kernel = False
        self.default = choose(bool)

    @action
    def user_claims(self, file: File) -> None:
        """A user gets the group, and at once it leaves the kernel's memory."""
        require(self.user is None and not self.kernel)
        self.user = file
        self.default = False

    @action
    def user_releases(self) -> None:
        """The user gives it back; the default domain comes back, or fails to."""
        require(self.user is not None)
        self.user = None
        self.default = choose(bool)

    @action
    def domain_changes(self) -> None:
        """A kernel driver attaches or detaches a domain of its own."""
        require(self.user is None)
        self.default = not self.default

    @invariant
    def user_is_off_the_default_domain(self) -> bool:
        """What the user programs its devices to do does not reach kernel memory."""
        return self.user is None or not self.default

    @invariant
    def one_side_at_a_time(self) -> bool:
        """The kernel's drivers and a user do not have the group at the same time."""
        return self.user is None or not self.kernel

    @transition
    def given_back_in_between(self, after: "Ownership") -> bool:
        """From the kernel to a user, or back, the group is nobody's for a moment."""
        return not (self.kernel and after.user is not None) and not (
            self.user is not None and after.kernel
        )

    @reachable
    def a_user_has_it(self) -> bool:
        """A user can get the group."""
        return self.user is not None

    @reachable
    def a_driver_has_its_own_domain(self) -> bool:
        """A kernel driver can leave the default domain."""
        return self.kernel and not self.default


# Twins: each must violate what it names.


class ClaimsBesideTheKernel(
    Ownership, breaks=("one_side_at_a_time", "given_back_in_between")
):
    """A user's claim does not look at the kernel's drivers."""

    @action
    def user_claims(self, file: File) -> None:
        """It only looks at other users."""
        require(self.user is None)
        self.user = file
        self.default = False


class DomainChangesUnderTheUser(Ownership, breaks="user_is_off_the_default_domain"):
    """A driver may attach and detach although a user has the group."""

    @action
    def domain_changes(self) -> None:
        """Whoever has it."""
        self.default = not self.default


class UserKeepsIt(Ownership, breaks="deadlock"):
    """A user cannot give the group back."""

    @action
    def user_releases(self) -> None:
        """The condition of the kernel's release."""
        require(self.user is not None and self.kernel)
        self.user = None
        self.default = choose(bool)
