"""The segment store: append-only files of cells, named by their content, loaded by mapping them."""

from mlops_core.store.index import CellIndex
from mlops_core.store.leases import Lease
from mlops_core.store.store import Store, StoreStatus
from mlops_core.store.writer import SegmentWriter
from mlops_core.store.written import Written

__all__ = ["CellIndex", "Lease", "SegmentWriter", "Store", "StoreStatus", "Written"]
