"""A mapping that does not say of what."""

from modelcheck import Spec, action, mapping


class Lamp(Spec):
    """A lamp."""

    lit: bool = False

    @action
    def switch(self) -> None:
        """On and off."""
        self.lit = not self.lit

    @mapping
    def shines(self) -> bool:
        """Whether it does."""
        return self.lit
