from import_of_itself import Nothing

from modelcheck import Spec


class Group(Spec):
    busy: bool = False
