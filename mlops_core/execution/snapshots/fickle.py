"""Names of what answers differently each time: clocks, randomness, processes, this very machine."""

_CALLS = (
    "time.time", "time.monotonic", "time.perf_counter", "time.process_time", "time.thread_time",
    "time.clock_gettime", "time.localtime", "time.gmtime", "time.strftime", "time.ctime", "time.asctime",
    "random.", "_random.", "secrets.", "uuid.uuid1", "uuid.uuid4", "uuid.getnode", "numpy.random.",
    "os.urandom", "os.getrandom", "os.getpid", "os.getppid", "os.getlogin", "os.uname", "os.cpu_count",
    "os.getloadavg", "os.sched_getaffinity", "os.times", "posix.urandom", "posix.getrandom", "posix.getpid",
    "posix.getppid", "posix.getlogin", "posix.uname", "posix.cpu_count", "posix.getloadavg",
    "posix.sched_getaffinity", "posix.times", "platform.node", "platform.uname", "platform.platform",
    "socket.", "_socket.", "getpass.", "multiprocessing.", "threading.get_ident", "threading.get_native_id",
    "psutil.", "torch.cuda.", "sys.stdin", "sys.__stdin__",
    "builtins.input", "builtins.id", "builtins.hash", "builtins.eval", "builtins.exec",
)  # fmt: skip
_ATTRIBUTES = frozenset({
    "now", "today", "utcnow", "time_ns", "perf_counter", "perf_counter_ns", "monotonic", "monotonic_ns",
    "getpid", "gethostname", "getfqdn", "urandom", "uuid1", "uuid4", "token_hex", "token_bytes",
    "token_urlsafe", "default_rng", "randint", "randrange", "randn", "rand", "shuffle",
})  # fmt: skip
_TEXTS = frozenset({"now", "today"})  # numpy.datetime64("now"), pandas.Timestamp("today")


def is_fickle(dotted: str) -> bool:
    """Whether the dotted name is such a function, or of a module that has nothing else."""
    return dotted.startswith(_CALLS)


def is_fickle_attribute(name: str) -> bool:
    """Whether an attribute of this name, read from anything, may be one."""
    return name in _ATTRIBUTES


def is_fickle_text(constant: object) -> bool:
    """Whether a text in the code asks a library for the time."""
    return isinstance(constant, str) and constant in _TEXTS
