"""Whether files here can be mapped piece by piece into one range of memory, or have to be copied."""

import os
import tempfile

from mlops_core.engine._map import page_size, stitch


def can_stitch(folder: str | os.PathLike[str]) -> bool:
    """Try it with two pages of a temporary file in ``folder``; False where values are copied when loaded.

    Raises OSError where no file can be made there.
    """
    with tempfile.TemporaryFile(dir=folder) as file:
        page = page_size()
        file.write(bytes(2 * page))
        file.flush()
        return not stitch([(file.fileno(), page, page), (file.fileno(), 0, page)]).copied
