"""A value that does not fit its annotation, while it is still unknown whose value it is."""


class Mismatch(Exception):  # noqa: N818 - a finding that becomes an error where it gets a name
    """``given`` is not what is ``allowed``; ``where`` is the way to it inside the parameter's value.

    Caught by unions (the next member is tried) and by ``parameters.convert``, which names the parameter.
    """

    def __init__(self, given: object, allowed: str, where: str = "") -> None:
        super().__init__(given, allowed, where)
        self.given = given
        self.allowed = allowed
        self.where = where

    def below(self, step: str) -> "Mismatch":
        """The same mismatch seen from one level further out."""
        return type(self)(self.given, self.allowed, step + self.where)


class Ambiguity(Mismatch):
    """The text fits several choices: no later member of a union may settle that silently."""
