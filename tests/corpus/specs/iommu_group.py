"""The ownership of one IOMMU group by kernel drivers and by the users of open files.

Source: our own benchmark `Iommu_DOKT` (D devices, O owner files, K user domains, T
threads), checked state for state against TLC, SPIN, Murphi and NuSMV. Each API function
runs enter, lock, check, update and unlock, one atomic step each.
"""

from enum import Enum
from typing import Annotated

from modelcheck import Scalarset, Spec, action, invariant, reachable, require


class Device(Scalarset, size=1):
    """A device of the group."""


class File(Scalarset, size=1):
    """An open file that claims the group for its user."""


class Domain(Scalarset, size=1):
    """A domain that a user can attach the group to."""


class Thread(Scalarset, size=2):
    """A caller of the API."""


class Status(Enum):
    """What a device is doing."""

    ABSENT = 0
    PRESENT = 1
    BOUND = 2
    CLAIMED = 3


class Translation(Enum):
    """What the group is attached to."""

    DEFAULT = 0
    BLOCKING = 1
    USER = 2


class Call(Enum):
    """The function of the API that a thread runs."""

    NONE = 0
    ADD = 1
    REMOVE = 2
    PROBE = 3
    UNBIND = 4
    RELEASE = 5
    CLAIM = 6
    ATTACH = 7
    DETACH = 8


class At(Enum):
    """The control point of a thread."""

    IDLE = 0
    LOCK = 1
    CHECK = 2
    UPDATE = 3
    UNLOCK = 4


OF_A_DEVICE = (Call.ADD, Call.REMOVE, Call.PROBE, Call.UNBIND, Call.RELEASE)
IN_USE = (Status.BOUND, Status.CLAIMED)
Count = Annotated[int, range(0, len(Device) + 1)]


class IommuGroup(Spec):
    """`file` claims a device, `owner` the group; all is guarded by one mutex."""

    holder: Thread | None = None
    owner: File | None = None
    count: Count = 0
    attached: Translation = Translation.DEFAULT
    user_domain: Domain | None = None
    status: dict[Device, Status] = {device: Status.ABSENT for device in Device}
    claimed_by: dict[Device, File | None] = {device: None for device in Device}
    at: dict[Thread, At] = {thread: At.IDLE for thread in Thread}
    call: dict[Thread, Call] = {thread: Call.NONE for thread in Thread}
    device: dict[Thread, Device | None] = {thread: None for thread in Thread}
    file: dict[Thread, File | None] = {thread: None for thread in Thread}
    domain: dict[Thread, Domain | None] = {thread: None for thread in Thread}

    @action
    def enter_device_call(self, thread: Thread, call: Call, device: Device) -> None:
        """A thread calls a function that takes only a device."""
        require(self.at[thread] is At.IDLE)
        require(call in OF_A_DEVICE)
        self.at[thread] = At.LOCK
        self.call[thread] = call
        self.device[thread] = device

    @action
    def enter_claim(self, thread: Thread, device: Device, file: File) -> None:
        """A thread claims a device for an open file."""
        require(self.at[thread] is At.IDLE)
        self.at[thread] = At.LOCK
        self.call[thread] = Call.CLAIM
        self.device[thread] = device
        self.file[thread] = file

    @action
    def enter_attach(self, thread: Thread, file: File, domain: Domain) -> None:
        """A thread attaches the group to a user domain."""
        require(self.at[thread] is At.IDLE)
        self.at[thread] = At.LOCK
        self.call[thread] = Call.ATTACH
        self.file[thread] = file
        self.domain[thread] = domain

    @action
    def enter_detach(self, thread: Thread, file: File) -> None:
        """A thread detaches the group from its user domain."""
        require(self.at[thread] is At.IDLE)
        self.at[thread] = At.LOCK
        self.call[thread] = Call.DETACH
        self.file[thread] = file

    @action
    def lock(self, thread: Thread) -> None:
        """Take the mutex of the group."""
        require(self.at[thread] is At.LOCK)
        require(self.holder is None)
        self.holder = thread
        self.at[thread] = At.CHECK

    @action
    def check(self, thread: Thread) -> None:
        """See whether the call is allowed."""
        require(self.at[thread] is At.CHECK)
        allowed = self.is_allowed(thread)
        self.at[thread] = At.UPDATE if allowed else At.UNLOCK

    @action
    def update(self, thread: Thread) -> None:
        """Do what the call asks for."""
        require(self.at[thread] is At.UPDATE)
        device = self.device[thread]
        if device is not None:
            self.update_device(self.call[thread], device, self.file[thread])
        elif self.call[thread] is Call.ATTACH:
            self.attached = Translation.USER
            self.user_domain = self.domain[thread]
        else:
            owned = self.owner is not None
            self.attached = Translation.BLOCKING if owned else Translation.DEFAULT
            self.user_domain = None
        self.at[thread] = At.UNLOCK

    @action
    def unlock(self, thread: Thread) -> None:
        """Release the mutex and return."""
        require(self.at[thread] is At.UNLOCK)
        self.holder = None
        self.at[thread] = At.IDLE
        self.call[thread] = Call.NONE
        self.device[thread] = None
        self.file[thread] = None
        self.domain[thread] = None

    def is_allowed(self, thread: Thread) -> bool:
        """Whether the call that `thread` runs may change anything."""
        device = self.device[thread]
        file = self.file[thread]
        if device is not None:
            return self.is_device_call_allowed(self.call[thread], device, file)
        is_user = self.attached is Translation.USER
        return self.owner is file and is_user == (self.call[thread] is Call.DETACH)

    def is_device_call_allowed(
        self, call: Call, device: Device, file: File | None
    ) -> bool:
        """Whether a call that takes a device may change anything."""
        status = self.status[device]
        if call is Call.ADD:
            return status is Status.ABSENT
        if call is Call.UNBIND:
            return status is Status.BOUND
        if call is Call.RELEASE:
            return status is Status.CLAIMED
        if status is not Status.PRESENT:
            return False
        is_default = self.attached is Translation.DEFAULT
        if call is Call.PROBE:
            return self.count == 0 or (self.owner is None and is_default)
        if call is Call.CLAIM:
            return is_default if self.count == 0 else self.owner is file
        return True

    def update_device(self, call: Call, device: Device, file: File | None) -> None:
        """Do what a call that takes a device asks for."""
        if call is Call.ADD:
            self.status[device] = Status.PRESENT
        elif call is Call.REMOVE:
            self.status[device] = Status.ABSENT
        elif call is Call.PROBE:
            self.status[device] = Status.BOUND
            self.count += 1
        elif call is Call.UNBIND:
            self.status[device] = Status.PRESENT
            self.count -= 1
        elif call is Call.CLAIM:
            self.claim(device, file)
        else:
            self.release(device)

    def claim(self, device: Device, file: File | None) -> None:
        """The first claim makes the file the owner and blocks translation."""
        if self.count == 0:
            self.owner = file
            self.attached = Translation.BLOCKING
        self.status[device] = Status.CLAIMED
        self.claimed_by[device] = file
        self.count += 1

    def release(self, device: Device) -> None:
        """The last release gives the group back."""
        self.status[device] = Status.PRESENT
        self.claimed_by[device] = None
        self.count -= 1
        if self.count == 0:
            self.owner = None
            self.attached = Translation.DEFAULT
            self.user_domain = None

    @invariant
    def mutex_is_held_inside(self) -> bool:
        """Exactly the thread between lock and unlock holds the mutex."""
        return all(
            (self.at[thread] not in (At.IDLE, At.LOCK)) == (self.holder is thread)
            for thread in Thread
        )

    @invariant
    def count_is_exact(self) -> bool:
        """The count is the number of devices in use."""
        in_use = sum(self.status[device] in IN_USE for device in Device)
        return self.count == in_use

    @invariant
    def owned_is_not_default(self) -> bool:
        """The group is in its default domain exactly while it has no owner."""
        return (self.owner is None) == (self.attached is Translation.DEFAULT)

    @invariant
    def idle_is_not_owned(self) -> bool:
        """Nobody owns a group of which no device is in use."""
        return self.count > 0 or self.owner is None

    @invariant
    def one_user(self) -> bool:
        """Devices in use are all claimed by the owner, or all bound to drivers."""
        if self.owner is None:
            return all(self.status[device] is not Status.CLAIMED for device in Device)
        return all(
            self.status[device] not in IN_USE or self.claimed_by[device] is self.owner
            for device in Device
        )

    @reachable
    def user_domain_is_attached(self) -> bool:
        """A user can attach a domain of their own."""
        return self.attached is Translation.USER
