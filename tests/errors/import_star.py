from modelcheck import *


class Group(Spec):
    busy: bool = False
