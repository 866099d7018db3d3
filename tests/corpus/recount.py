"""Counting the states of a spec with processes in CPython, without any of the engines.

A state is what the spec's variables hold and where each process is suspended, with its
locals. A suspension is passed over where the process then does nothing but go on to the
next one: after it has left its last lock, and before a first statement that is an
`await`. Which processes begin with one is said by hand.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from types import CoroutineType
from typing import TypeVar

from modelcheck.language.outcomes import Move, Taken, is_own_module
from modelcheck.language.scheduler import World
from modelcheck.language.spec import Spec
from modelcheck.language.suspension import PauseKind
from tests.property.conformance import freeze_all

T = TypeVar("T")

History = tuple[tuple[str, tuple[int, ...]], ...]


@dataclass(frozen=True, slots=True)
class Recount:
    """What TLC would count."""

    distinct: int
    generated: int
    depth: int


def recount(spec: type[Spec], starting_at_once: frozenset[str]) -> Recount:
    """Search all states of `spec`, which must have one initial state."""
    world = _world(spec, (), starting_at_once)
    known = {_key(world)}
    world.close()
    level: list[History] = [()]
    generated, depth = 1, 0
    while level:
        depth += 1
        following: list[History] = []
        for history in level:
            for longer in _longer(spec, history, starting_at_once):
                generated += 1
                after = _world(spec, longer, starting_at_once)
                key = _key(after)
                after.close()
                if key not in known:
                    known.add(key)
                    following.append(longer)
        level = following
    return Recount(len(known), generated, depth)


def _longer(
    spec: type[Spec], history: History, starting_at_once: frozenset[str]
) -> Iterator[History]:
    world = _world(spec, history, starting_at_once)
    for actor in world.actors:
        for branch in world.branches(Move(actor)):
            if isinstance(branch.result, Taken):
                numbers = tuple(choice.index for choice in branch.result.choices)
                yield (*history, (actor, numbers))
    world.close()


def _world(
    spec: type[Spec], history: History, starting_at_once: frozenset[str]
) -> World[Spec]:
    def choose(options: Sequence[T], /) -> T:
        assert len(options) == 1, "more than one initial state"
        return options[0]

    world = World(spec, choose)
    for actor in starting_at_once & set(world.actors):
        world.take(Move(actor), [])
    for actor, numbers in history:
        world.take(Move(actor), numbers)
        _leave(world, actor)
    return world


def _leave(world: World[Spec], actor: str) -> None:
    """Go on from behind an `async with`, unless another lock is released there."""
    while world.where(actor).kind is PauseKind.LEAVE:
        [branch] = world.branches(Move(actor))
        if branch.state is None or branch.state != world.snapshot():
            return
        world.take(Move(actor), [])


def _key(world: World[Spec]) -> object:
    places = [
        (name, process.pause.kind, tuple(_frames(process._coroutine)))
        for name, process in world._processes.items()
    ]
    return (freeze_all(world.snapshot()), tuple(places))


def _frames(coroutine: object) -> Iterator[object]:
    while isinstance(coroutine, CoroutineType):
        frame = coroutine.cr_frame
        if frame is not None:
            is_ours = is_own_module(frame.f_globals.get("__name__"))
            held = {} if is_ours else dict(frame.f_locals)
            held.pop("self", None)
            yield (frame.f_lineno, frame.f_lasti, freeze_all(held))
        coroutine = coroutine.cr_await
