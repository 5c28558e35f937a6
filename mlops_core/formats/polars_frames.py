"""``polars/1``: polars frames and series, through Arrow, so that their columns are cells like any table's."""

import sys
from typing import TYPE_CHECKING, Any

from mlops_core.engine.stand_ins import ClassIdentity, Described, Embedded
from mlops_core.formats.arrow_columns import LoadedTable, StoredTable, load_columns, save_stream
from mlops_core.formats.draft import Draft
from mlops_core.formats.type_names import missing_library

if TYPE_CHECKING:
    from mlops_core.formats.artifact import Artifact
    from mlops_core.formats.loading import Loading
    from mlops_core.formats.saving import Saving

FORMAT = "polars/1"


def accepts(value: object, saving: "Saving") -> bool:
    """Exactly ``DataFrame`` or ``Series``, where Arrow gives every column's type back."""
    polars = sys.modules.get("polars")
    if polars is None or type(value) not in (polars.DataFrame, polars.Series):
        return False
    return _is_exact(_frame(value, polars).clear(), polars)


def _is_exact(empty: Any, polars: Any) -> bool:
    """Whether a frame without rows comes back with the same types: not so for Python objects."""
    import pyarrow

    try:
        back = polars.from_arrow(pyarrow.table(empty))
    except (
        TypeError,
        ValueError,
        NotImplementedError,
        pyarrow.ArrowException,
        polars.exceptions.PolarsError,
        polars.exceptions.PanicException,
    ):
        return False
    return bool(back.schema == empty.schema)


def _frame(value: Any, polars: Any) -> Any:
    return value.to_frame() if type(value) is polars.Series else value


def save(value: Any, saving: "Saving", where: str) -> Draft:
    import pyarrow

    frame = _frame(value, sys.modules["polars"])
    stored = save_stream(frame, pyarrow.table(frame.clear()).schema, saving.sink)
    kind = f"polars.{type(value).__name__}"
    return Draft(FORMAT, kind, stored.manifest, stored.nbytes, shadow=_shadow(value, frame, stored))


def _shadow(value: Any, frame: Any, stored: StoredTable) -> Described:
    """What the value is fingerprinted as, with the digest of its data, which storing it has made."""
    if value is not frame:
        return Described("polars series", (value.name, str(value.dtype), Embedded(stored.columns[0])))
    dtypes = [str(dtype) for dtype in frame.dtypes]
    return Described("polars frame", (ClassIdentity(type(frame)), dtypes, Embedded(stored.digest)))


def load(artifact: "Artifact", loading: "Loading") -> object:
    try:
        import polars
    except ModuleNotFoundError as error:
        raise missing_library(artifact.type, "polars") from error
    loaded = load_columns(artifact.manifest, loading.source)
    if not loaded.columns:
        return polars.from_arrow(loaded.table)
    series = _series(loaded, polars)
    return series[0] if artifact.type == "polars.Series" else polars.DataFrame(series)


def _series(loaded: LoadedTable, polars: Any) -> list[Any]:
    """The columns one by one, over the store's memory: in a frame polars copies chunks of several lengths."""
    import pyarrow

    from mlops_core.engine.handed_out_tables import remember_columns

    names = loaded.table.column_names
    series = [polars.from_arrow(loaded.table.select([n]), rechunk=False).to_series() for n in names]
    remember_columns([pyarrow.chunked_array(column) for column in series], loaded.columns, loaded.memory)
    return series
