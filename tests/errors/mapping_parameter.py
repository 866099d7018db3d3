"""A mapping with a parameter."""

from modelcheck import Spec, action, mapping


class Lamp(Spec):
    """A lamp."""

    lit: bool = False

    @action
    def switch(self) -> None:
        """On and off."""
        self.lit = not self.lit

    @mapping("shining")
    def shines(self, after: "Lamp") -> bool:
        """Whether it will."""
        return after.lit
