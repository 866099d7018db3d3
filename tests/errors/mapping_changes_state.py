"""A mapping that changes what it maps."""

from modelcheck import Spec, action, mapping


class Lamp(Spec):
    """A lamp."""

    lit: bool = False

    @action
    def switch(self) -> None:
        """On and off."""
        self.lit = not self.lit

    @mapping("shining")
    def shines(self) -> bool:
        """Whether it does, from now on."""
        self.lit = True
        return self.lit
