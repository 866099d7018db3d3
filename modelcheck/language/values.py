"""Values of a spec as people see them: one order, one printed form."""

from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import fields, is_dataclass
from enum import Enum, EnumMeta

from modelcheck.language.scalarset import Scalarset, ScalarsetType, member_index

# A kind first, so that keys of unlike values never compare their payloads.
OrderKey = tuple[int, "tuple[int | OrderKey, ...]"]


def order_key(value: object) -> OrderKey:
    """Return a key that sorts the values of any one finite type the same in every run.

    `None` comes first, members come in order of definition, products and sets by their
    parts. Raises `TypeError` for a value of no finite type.
    """
    if value is None:
        return (0, ())
    if isinstance(value, Enum):
        return (2, (list(type(value)).index(value),))
    if isinstance(value, int):
        return (1, (value,))
    if isinstance(value, Scalarset):
        return (3, (member_index(value),))
    if isinstance(value, (tuple, list)):
        return (4, tuple(map(order_key, value)))
    if isinstance(value, AbstractSet):
        return (5, tuple(sorted(map(order_key, value))))
    if is_dataclass(value) and not isinstance(value, type):
        return (6, tuple(order_key(getattr(value, f.name)) for f in fields(value)))
    message = f"{value!r} is not a value of a finite type"
    raise TypeError(message)


def members_of(options: object) -> tuple[object, ...] | None:
    """Return the members of an enum or scalarset class, `None` for anything else."""
    if not isinstance(options, (EnumMeta, ScalarsetType)):
        return None
    members: list[object] = list(options)
    return tuple(members)


def in_order(values: Iterable[object]) -> tuple[object, ...]:
    """Return `values` sorted by `order_key`."""
    return tuple(sorted(values, key=order_key))


def render_value(value: object) -> str:
    """Return `value` as it is printed in names of actors and in messages.

    Enum members print bare (`EBUSY`), sets in order (`{dev0, dev1}`).
    """
    if isinstance(value, Enum):
        return value.name
    if isinstance(value, Mapping):
        pairs = (f"{render_value(k)}: {render_value(v)}" for k, v in value.items())
        return f"{{{', '.join(pairs)}}}"
    if isinstance(value, AbstractSet):
        return f"{{{_joined(in_order(value))}}}"
    if isinstance(value, list):
        return f"[{_joined(value)}]"
    if isinstance(value, tuple):
        return f"({_joined(value)}{',' if len(value) == 1 else ''})"
    if is_dataclass(value) and not isinstance(value, type):
        parts = (
            f"{f.name}={render_value(getattr(value, f.name))}" for f in fields(value)
        )
        return f"{type(value).__name__}({', '.join(parts)})"
    return repr(value)


def _joined(values: Iterable[object]) -> str:
    return ", ".join(map(render_value, values))
