"""``bytes/1``: bytes and bytearray."""

from typing import TYPE_CHECKING

from mlops_core.formats.cells import digests, put_bytes
from mlops_core.formats.draft import Draft

if TYPE_CHECKING:
    from mlops_core.formats.artifact import Artifact
    from mlops_core.formats.loading import Loading
    from mlops_core.formats.saving import Saving

FORMAT = "bytes/1"


def accepts(value: object, saving: "Saving") -> bool:
    return type(value) is bytes or type(value) is bytearray


def save(value: object, saving: "Saving", where: str) -> Draft:
    data = memoryview(value)  # type: ignore[arg-type] # accepted above
    return Draft(FORMAT, type(value).__name__, {"cells": put_bytes(data, saving.sink)}, data.nbytes)


def load(artifact: "Artifact", loading: "Loading") -> object:
    view = loading.source.buffer(digests(artifact.manifest["cells"]))
    return bytearray(view) if artifact.type == "bytearray" else bytes(view)
