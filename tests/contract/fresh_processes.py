"""Serve fresh processes: one fork for each request, from an interpreter that has only libraries loaded.

A forked child knows nothing of any project, like a process that was started, and saves the time that the
imports take. Requests come on standard input as JSON lines, the exit status goes back on standard output:

    {"program": [words], "cwd": folder, "environment": {...}, "out": file, "err": file}

``program`` is ``["mlops", ...]``, or a Python file and its arguments.
"""

import gc
import json
import os
import sys
from types import ModuleType
from typing import Any

import numpy  # noqa: F401 - loaded for the children
import pyarrow  # noqa: F401

import mlops_core.__main__
import mlops_core.cli.commands.plan
import mlops_core.cli.commands.run
import mlops_core.cli.commands.why
import mlops_core.execution.api
from mlops_core.cli.entry import main


def serve() -> dict[str, Any] | None:
    """Answer requests until the other side is gone (None); in each child, the request to carry out."""
    for line in sys.stdin:
        request: dict[str, Any] = json.loads(line)
        child = os.fork()
        if child == 0:
            return request
        _, status = os.waitpid(child, 0)
        print(os.waitstatus_to_exitcode(status), flush=True)
    return None


def become(request: dict[str, Any]) -> None:
    """Take on folder, environment and streams of the request."""
    for descriptor, file in ((0, os.devnull), (1, request["out"]), (2, request["err"])):
        opened = os.open(file, os.O_RDWR | os.O_CREAT | os.O_TRUNC, 0o600)
        os.dup2(opened, descriptor)
        os.close(opened)
    os.environ.clear()
    os.environ.update(request["environment"])
    os.chdir(request["cwd"])


def carry_out(program: list[str]) -> int:
    """Run the command line or a script, as the interpreter does; an exception ends the process as usual."""
    running = ModuleType("__main__")
    sys.modules["__main__"] = running
    sys.argv = program
    if program[0] == "mlops":
        running.__file__ = mlops_core.__main__.__file__
        return main(program[1:])
    running.__file__ = program[0]
    sys.path.insert(0, os.path.dirname(program[0]))
    with open(program[0], encoding="utf-8") as file:
        code = compile(file.read(), program[0], "exec")
    exec(code, vars(running))
    return 0


if __name__ == "__main__":
    del sys.path[0]  # this folder is no part of any child's program
    gc.freeze()
    taken = serve()
    if taken is not None:
        become(taken)
        sys.exit(carry_out(taken["program"]))
