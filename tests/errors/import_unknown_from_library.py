from modelcheck import Spec, invarant



class Group(Spec):
    busy: bool = False
