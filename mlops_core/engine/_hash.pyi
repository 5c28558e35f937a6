from typing import final

from typing_extensions import Buffer

def xxh3_128(data: Buffer, /) -> bytes:
    """The 16 bytes of XXH3-128, seed 0, big-endian, over any C-contiguous buffer.

    Raises TypeError where ``data`` has no buffer, BufferError or ValueError where it is not contiguous.
    """

def xxh3_128_by(kernel: str, data: Buffer, /) -> bytes:
    """The same digest by the kernel of this name; ValueError where this processor cannot run it."""

def kernels() -> tuple[str, ...]:
    """Names of the kernels that run on this processor, the best one last."""

def kernel() -> str:
    """Name of the kernel that long inputs are hashed by: the best one, or what MLOPS_ENGINE_KERNEL says."""

def threads() -> int:
    """How many threads hash a large value, the calling one among them."""

def limit_threads(count: int, /) -> None:
    """Let at most ``count`` threads hash a large value; 0: one for each processor this process may use.

    Digests do not depend on it. ValueError for a negative number.
    """

@final
class Hasher:
    """XXH3-128 over pieces: ``update`` any number of times, ``digest`` whenever wanted.

    A hasher belongs to one thread at a time: RuntimeError where another one is in the middle of an update.
    """

    def update(self, data: Buffer, /) -> None:
        """Add the bytes of a C-contiguous buffer; raises as ``xxh3_128`` does."""

    def digest(self) -> bytes:
        """The 16 bytes over everything so far; more may follow."""
