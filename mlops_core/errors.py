"""Every error the product raises on purpose.

An error says what happened (the message), what to do about it (``hint``, with the command), carries
its data as attributes, and knows its stable ``code`` for machines and its ``exit_status`` for shells.
Each class also inherits the builtin class that a caller would expect to catch.
"""


class MlopsError(Exception):
    """Base of all errors raised on purpose.

    ``code`` is stable and machine-readable, ``exit_status`` is the command line's exit code for it, and
    ``hint`` says what helps. Keyword data is kept as attributes of the same names.
    """

    code = "error"
    exit_status = 1

    def __init__(self, message: str, *, hint: str = "", **data: object) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.data = data

    def __getattr__(self, name: str) -> object:
        data = self.__dict__.get("data", {})
        if name in data:
            return data[name]
        raise AttributeError(f"{type(self).__name__!r} has no attribute {name!r}")

    def __str__(self) -> str:
        return f"{self.message}\n{self.hint}" if self.hint else self.message

    def __reduce__(self) -> tuple[object, ...]:
        return (_rebuild, (type(self), self.message, self.hint, self.data))


def _rebuild(kind: type[MlopsError], message: str, hint: str, data: dict[str, object]) -> MlopsError:
    return kind(message, hint=hint, **data)


# --- work failed (1) --------------------------------------------------------------------------------


class UserCodeError(MlopsError, RuntimeError):
    """The user's own code raised while it was imported or while the graph was built."""

    code = "user_code_failed"


class StepFailed(MlopsError, RuntimeError):
    """A step raised; ``__cause__`` is the step's own exception."""

    code = "step_failed"


class UnstorableValue(MlopsError, TypeError):
    """A step returned a value that no serializer, pickle included, can store."""

    code = "unstorable_value"


class UnloadableValue(MlopsError, RuntimeError):
    """A stored value is whole, but its class or library no longer takes it."""

    code = "unloadable_value"


class UnfingerprintableValue(MlopsError, TypeError):
    """A value has no stable digest; ``path`` says where inside it the trouble lies."""

    code = "unfingerprintable_value"


class MapMismatch(MlopsError, ValueError):
    """The arguments of a map do not have the same length, or cannot be listed."""

    code = "map_mismatch"


class ConditionTypeError(MlopsError, TypeError):
    """The condition of a ``when`` came out as something other than a bool."""

    code = "condition_type"


class WorkerDied(MlopsError, RuntimeError):
    """The worker process of a step ended without an answer."""

    code = "worker_died"


# --- wrong use (2) ----------------------------------------------------------------------------------


class UsageError(MlopsError, ValueError):
    """The command or call cannot be understood as it stands."""

    code = "usage"
    exit_status = 2


class TargetNotFound(UsageError):
    """No file, module, pipeline or name of ``mlops.toml`` fits the target."""

    code = "target_not_found"


class AmbiguousTarget(UsageError):
    """The target has several pipelines and none was named."""

    code = "ambiguous_target"


class StepNotFound(UsageError):
    """The pipeline has no step of this name."""

    code = "step_not_found"


class ReferenceNotFound(UsageError, LookupError):
    """A reference (run, step run, digest, file) points at nothing that is recorded."""

    code = "reference_not_found"


class ParameterError(UsageError):
    """A pipeline parameter is unknown, missing, or its value cannot be converted."""

    code = "parameter"


class StepOptionError(UsageError):
    """A step or pipeline was given an option that does not exist or has a wrong value."""

    code = "step_option"


class WrongArguments(UsageError, TypeError):
    """A step or pipeline was called with arguments that its signature does not take."""

    code = "wrong_arguments"


class StepDefinitionError(UsageError, TypeError):
    """The decorated object cannot be a step or a pipeline."""

    code = "step_definition"


class ConfigError(UsageError):
    """``mlops.toml`` (or ``[tool.mlops]``) has an unknown key or a wrong value."""

    code = "config"


class MissingInput(UsageError, FileNotFoundError):
    """A file input of a step does not exist."""

    code = "missing_input"


class UnreadableInput(UsageError, OSError):
    """A file input of a step, or a file inside a folder that is one, cannot be read."""

    code = "unreadable_input"


class DeferredMisuse(UsageError, TypeError):
    """A deferred value was used as if it were already known."""

    code = "deferred_misuse"


class CallNotAllowed(UsageError, RuntimeError):
    """``when`` outside a pipeline body, a pipeline called inside a running step, and the like."""

    code = "call_not_allowed"


class NameTaken(UsageError):
    """Two different functions under one step name."""

    code = "name_taken"


class PipelineCycle(UsageError, RecursionError):
    """A pipeline that calls itself."""

    code = "cycle"


class NotInCache(UsageError):
    """A value outside the selection is not in the cache, so the selection cannot start."""

    code = "not_in_cache"


class NewerState(UsageError):
    """The state folder was written by a newer version."""

    code = "newer_state"


class StateNotWritable(UsageError, OSError):
    """The state folder cannot be created or written."""

    code = "state_not_writable"


class EngineMissing(UsageError, ImportError):
    """The compiled engine is not there or does not fit this Python."""

    code = "engine_missing"


class SerializerMissing(UsageError, ImportError):
    """A library that a stored value needs is not installed."""

    code = "serializer_missing"


# --- a limit of the machine (4) ---------------------------------------------------------------------


class NotEnoughDisk(MlopsError, OSError):
    """The run was refused before any step ran: what it is expected to store does not fit on the disk.

    Attributes ``needed`` and ``free``, in bytes.
    """

    code = "not_enough_disk"
    exit_status = 4


class DiskFull(MlopsError, OSError):
    """The disk, a quota or a size limit is full: what was being written was dropped, nothing else was.

    Attribute ``free``, in bytes; ``needed``, too, where that is known.
    """

    code = "disk_full"
    exit_status = 4


# --- damage (5) -------------------------------------------------------------------------------------


class DamagedState(MlopsError, RuntimeError):
    """Stored bytes do not match their digest, or a file of the store is cut or gone."""

    code = "damaged"
    exit_status = 5


class MissingCell(DamagedState, LookupError):
    """A cell that a record names is in no segment."""

    code = "missing_cell"
