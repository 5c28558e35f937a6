"""Library calls that matter to a caller: native readers, child processes, clocks, unseeded randomness.

Native readers open files in C or Rust, past Python's audit events.
"""

from functools import cache
from typing import Final

_READER_PREFIXES: Final = (
    "pyarrow.parquet.read_", "pyarrow.parquet.Parquet", "pyarrow.parquet.core.read_",
    "pyarrow.parquet.core.Parquet", "pyarrow.dataset.dataset", "pyarrow.dataset.parquet_dataset",
    "pyarrow.dataset.FileSystemDataset", "pyarrow.csv.read_", "pyarrow.csv.open_", "pyarrow.json.read_",
    "pyarrow.json.open_", "pyarrow._csv.read_", "pyarrow._csv.open_", "pyarrow._json.read_",
    "pyarrow._json.open_", "pyarrow.feather.read_", "pyarrow.orc.read_", "pyarrow.orc.ORCFile",
    "pyarrow.memory_map", "pyarrow.lib.memory_map", "pyarrow.OSFile", "pyarrow.lib.OSFile",
    "pyarrow.MemoryMappedFile", "pyarrow.lib.MemoryMappedFile", "pyarrow.input_stream",
    "pyarrow.lib.input_stream", "pyarrow.fs.", "pyarrow._fs.",
    "polars.read_", "polars.scan_", "polars.io.", "polars.SQLContext", "duckdb.", "_duckdb.",
    "h5py.File", "h5py._hl.files.File", "tables.open_file", "netCDF4.Dataset", "zarr.open",
    "pandas.read_parquet", "pandas.read_feather", "pandas.read_orc", "pandas.read_hdf", "pandas.HDFStore",
    "pandas.io.parquet.", "pandas.io.feather_format.", "pandas.io.orc.", "pandas.io.pytables.",
    "onnxruntime.InferenceSession", "onnxruntime.capi.onnxruntime_inference_collection.InferenceSession",
    "safetensors.", "cv2.imread", "cv2.VideoCapture", "cv2.imreadmulti", "xgboost.DMatrix",
    "xgboost.Booster", "xgboost.core.", "lightgbm.Dataset", "lightgbm.Booster", "lightgbm.basic.",
    "catboost.Pool", "rasterio.open", "soundfile.read", "fiona.open", "pyogrio.read_", "geopandas.read_",
    "torchvision.io.", "torchaudio.load", "decord.", "faiss.read_index", "lance.dataset", "deltalake.",
    "sys.stdin", "sys.__stdin__",
)  # fmt: skip
_STARTERS: Final = (
    "subprocess.", "os.system", "os.popen", "os.exec", "os.spawn", "os.posix_spawn", "os.fork",
    "posix.system", "posix.exec", "posix.posix_spawn", "posix.fork",
    "asyncio.create_subprocess", "asyncio.subprocess.",
    "multiprocessing.", "concurrent.futures.ProcessPoolExecutor", "concurrent.futures.process.", "pty.spawn",
)  # fmt: skip
_CLOCKS: Final = (
    "time.time", "time.monotonic", "time.perf_counter", "time.localtime", "time.gmtime", "time.strftime",
    "datetime.datetime", "datetime.date", "random.", "secrets.", "uuid.uuid1", "uuid.uuid4", "os.urandom",
    "os.getpid", "numpy.random.",
)  # fmt: skip


@cache
def is_native_reader(name: str) -> bool:
    """Whether the dotted name is a function or class that reads files past Python."""
    return name.startswith(_READER_PREFIXES)


@cache
def starts_processes(name: str) -> bool:
    """Whether the dotted name is a way to start other processes: what those read is not observed."""
    return name.startswith(_STARTERS)


@cache
def is_clock(name: str) -> bool:
    """Whether the dotted name is a clock or a source of randomness that nobody seeded."""
    return name.startswith(_CLOCKS)
