"""What a code object uses: global names with attribute chains, imports, and attributes of unknown things."""

from collections.abc import Iterator

_SEES_LOCALS = frozenset({"locals", "vars", "eval", "exec", "dir"})
# As fromlist entries of an import: the variable names the first or the last package of a dotted path.
FIRST, LAST = "<first>", "<last>"


class Import:
    """One import statement inside a function, and the variables it binds: (attribute, variable) pairs."""

    __slots__ = ("bindings", "level", "module", "wanted")

    def __init__(self, module: str, level: object, wanted: object) -> None:
        self.module = module
        self.level = level if isinstance(level, int) else 0
        self.wanted = wanted if isinstance(wanted, tuple) else ()
        self.bindings: list[tuple[str, str | None]] = []


class Uses:
    """Collected while instructions are read, in their order."""

    def __init__(self) -> None:
        self.chains: dict[tuple[str, ...], None] = {}  # a global name and the attributes read from it
        self.local_chains: dict[tuple[str, ...], None] = {}
        self.attributes: dict[str, None] = {}
        self.imports: list[Import] = []
        self._chain: list[str] | None = None
        self._local = False
        self._import: Import | None = None
        self._from = FIRST

    @property
    def sees_locals(self) -> bool:
        """Whether the code may look at the names of its local variables."""
        return any(chain[0] in _SEES_LOCALS for chain in self.chains)

    def names(self) -> Iterator[str]:
        """Every attribute name read from anything."""
        yield from self.attributes
        for chain in (*self.chains, *self.local_chains):
            yield from chain[1:]

    def start_global(self, name: str) -> None:
        self.end_chain()
        self._chain, self._local = [name], False

    def start_local(self, name: str) -> None:
        self.end_chain()
        self._chain, self._local = [name], True

    def attribute(self, name: str) -> None:
        if self._chain is None:
            self.attributes[name] = None
        else:
            self._chain.append(name)

    def end_chain(self) -> None:
        if self._chain is not None:
            (self.local_chains if self._local else self.chains)[tuple(self._chain)] = None
            self._chain = None

    def start_import(self, module: str, level: object, wanted: object) -> None:
        self.end_chain()
        self._import, self._from = Import(module, level, wanted), FIRST
        self.imports.append(self._import)

    def import_from(self, name: str) -> None:
        self._from = name

    def bind(self, variable: str | None) -> None:
        """A value is stored: the end of an import statement or of anything else."""
        self.end_chain()
        if self._import is None:
            return
        if self._import.wanted:
            self._import.bindings.append((self._from, variable))
            if len(self._import.bindings) == len(self._import.wanted):
                self._import = None
        else:
            self._import.bindings.append((FIRST if self._from == FIRST else LAST, variable))
            self._import = None
