# run: ::AsPostd
from typing import Annotated

from modelcheck import Spec

Refcount = Annotated[int, range(0, 5)]

class AsPosted(Spec):
    refs: Refcount = 0


class AsFixed(Spec):
    refs: Refcount = 0
