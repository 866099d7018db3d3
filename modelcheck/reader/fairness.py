"""Fairness: from `fair=` and `@fairness` to constraints on runs.

An instance is fair by itself: each process as a whole, each action for each combination
of its arguments. An `@fairness` is a constraint on the transitions it describes, taken
by the steps of the instances that it names.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from modelcheck.model.program import Step
from modelcheck.model.temporal import Fairness
from modelcheck.reader.errors import Code, Note, SpecError
from modelcheck.reader.instances import Arguments, Instance
from modelcheck.reader.methods import Method
from modelcheck.reader.modules import suggest


def fair_instances(
    instances: Sequence[Instance], steps: Sequence[Step]
) -> Iterator[Fairness]:
    """The constraints that `fair=` declares."""
    for each in instances:
        strength = each.method.options.fair
        if strength is not None:
            own = _steps([each], steps)
            yield Fairness(each.actor, strength, own, span=each.method.span)


def steps_meant(
    method: Method,
    arguments: Arguments,
    instances: Sequence[Instance],
    steps: Sequence[Step],
) -> frozenset[int]:
    """The steps that the @fairness `method` is about, for these `arguments`.

    Those of the instances of the function that `of=` names whose arguments of the same
    name are the same; without `of=`, all. Raises `SpecError` MC110 if there is no such
    function.
    """
    name = method.options.of
    if not name:
        return frozenset(step.index for step in steps)
    meant = [each for each in instances if each.method.name == name]
    if not meant:
        known = [each.method.name for each in instances]
        raise SpecError(
            Code.DECORATOR,
            f"there is no action or process `{name}`",
            method.options.of_span,
            help=suggest(name, known)
            or f"name one: {', '.join(dict.fromkeys(known)) or 'the spec has none'}",
        )
    _check_shared(method, arguments, meant[0])
    return _steps([each for each in meant if _agrees(each, arguments)], steps)


def _check_shared(method: Method, arguments: Arguments, instance: Instance) -> None:
    """Refuse a parameter that has another type in the function of `of=`."""
    kinds = {name: value.type_ for name, value in instance.arguments}
    for name, value in arguments:
        if kinds.get(name, value.type_) != value.type_:
            raise SpecError(
                Code.SIGNATURE,
                f"`{name}` has another type in `{instance.method.name}`",
                method.span,
                help="a parameter of both stands for one argument: rename it, or give "
                "it the same type",
                notes=[
                    Note(instance.method.span, "the function whose steps are meant")
                ],
            )


def _agrees(instance: Instance, arguments: Arguments) -> bool:
    """Whether the arguments of the same name are the same; they are constants."""
    own = {name: list(value.shape.leaves()) for name, value in instance.arguments}
    given = {name: list(value.shape.leaves()) for name, value in arguments}
    return all(own.get(name, leaves) == leaves for name, leaves in given.items())


def _steps(instances: Sequence[Instance], steps: Sequence[Step]) -> frozenset[int]:
    actors = {each.actor for each in instances}
    return frozenset(step.index for step in steps if step.actor in actors)
