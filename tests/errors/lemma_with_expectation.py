"""A lemma is there to prove something: it cannot be expected to be false."""

from modelcheck import VIOLATED, Spec, action, lemma


class Helpful(Spec):
    flag: bool = False

    @action
    def switch(self) -> None:
        self.flag = not self.flag

    @lemma(expect=VIOLATED)
    def never(self) -> bool:
        return not self.flag
