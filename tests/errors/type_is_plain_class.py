from modelcheck import Spec


class Domain:
    """An address space."""


class Group(Spec):
    domain: Domain | None = None
