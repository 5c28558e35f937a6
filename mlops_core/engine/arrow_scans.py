"""Datasets of Arrow, mostly on disk: read batch by batch, never as a whole."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pyarrow as pa

#: Rows of a batch, and how many batches and files are read ahead: by default they can take a gigabyte.
_SCAN = {"batch_size": 1 << 15, "batch_readahead": 2, "fragment_readahead": 1}


def is_scan(value: object) -> bool:
    """Whether it is a dataset, on disk or in memory, or a scan of one."""
    dataset = sys.modules.get("pyarrow.dataset")
    return dataset is not None and isinstance(value, (dataset.Dataset, dataset.Scanner))


def batches_of(scan: Any) -> pa.RecordBatchReader:
    """The batches of a dataset, in its own order, or of a scan, which reads ahead as it was told."""
    is_scanner = isinstance(scan, sys.modules["pyarrow.dataset"].Scanner)
    reader: pa.RecordBatchReader = (scan if is_scanner else _scanner(scan)).to_reader()
    return reader


def _scanner(scan: Any) -> Any:
    if not _is_parquet(scan):
        return scan.scanner(**_SCAN)
    # With threads a scan of Parquet runs ahead of its reader, until a gigabyte waits for it.
    options = sys.modules["pyarrow.dataset"].ParquetFragmentScanOptions(pre_buffer=False)
    return scan.scanner(fragment_scan_options=options, use_threads=False, **_SCAN)


def _is_parquet(scan: Any) -> bool:
    """Whether all its files are. Read in advance, a file stays in memory until its last batch is out."""
    parts = getattr(scan, "children", None)
    if parts:
        return all(_is_parquet(part) for part in parts)
    return getattr(getattr(scan, "format", None), "default_extname", "") == "parquet"
