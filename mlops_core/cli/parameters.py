"""From a target and ``-p NAME=VALUE`` to a pipeline and the arguments of its call."""

import inspect
from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mlops_core.cli.opening import current_folder
from mlops_core.errors import ParameterError

if TYPE_CHECKING:
    from mlops_core.execution.snapshots.watch import Watch
    from mlops_core.pipelines.pipeline import Pipeline


@dataclass(frozen=True, slots=True)
class Arguments:
    """A pipeline to call: where, with what, which parameter came from where; ``file`` is the target's."""

    root: Path
    pipeline: "Pipeline[..., Any]"
    args: tuple[object, ...] = ()
    kwargs: dict[str, object] = field(default_factory=dict)
    origins: dict[str, str] = field(default_factory=dict)
    file: str = ""


def collect(target: str, given: Sequence[str], watch: "Watch | None" = None) -> Arguments:
    """The pipeline that ``target`` names with its parameters converted; ``watch`` sees what its import reads.

    Raises TargetNotFound, AmbiguousTarget, UserCodeError, ConfigError, ParameterError.
    """
    from mlops_core.workspace.parameters import bind_parameters
    from mlops_core.workspace.targets import load_pipeline, resolve_target

    here = current_folder()
    texts = split_assignments(given)
    found = resolve_target(target, here)
    with watch.recording(found.root) if watch else nullcontext():
        pipeline = load_pipeline(found)
        # Where both are the same folder, relative paths stay as the user wrote them.
        root = None if found.root == here else found.root
        values, origins = bind_parameters(pipeline, texts, found.params, root=root)
    args, kwargs = as_call(inspect.signature(pipeline.__wrapped__), values)
    return Arguments(found.root, pipeline, args, kwargs, dict(origins), str(found.file))


def split_assignments(given: Sequence[str]) -> dict[str, str]:
    """``["lr=0.1"]`` as a dict; of one name given twice the last counts."""
    texts: dict[str, str] = {}
    for text in given:
        name, equals, value = text.partition("=")
        if not equals or not name:
            raise ParameterError(
                f"-p {text!r} is not of the form NAME=VALUE", hint=f"write -p {name or 'NAME'}=VALUE"
            )
        texts[name] = value
    return texts


def as_call(
    signature: inspect.Signature, values: Mapping[str, object]
) -> tuple[tuple[object, ...], dict[str, object]]:
    """The values as positional arguments (only where there is no other way) and keyword arguments."""
    kwargs = dict(values)
    args: list[object] = []
    for parameter in signature.parameters.values():
        if parameter.kind is not parameter.POSITIONAL_ONLY:
            break
        args.append(kwargs.pop(parameter.name))
    return tuple(args), kwargs
