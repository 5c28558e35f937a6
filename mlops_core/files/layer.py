"""The system calls that writing a file needs, behind one object, so that a test can make any of them fail."""

import errno
import os
from collections.abc import Sequence

#: Most buffers that one ``writev`` takes (POSIX guarantees 16, Linux has 1024).
_MOST_BUFFERS = 512
_UNSUPPORTED = (errno.EINVAL, errno.EOPNOTSUPP, errno.ENOSYS, errno.EPERM)


class FileLayer:
    """The real disk. Every method raises OSError as the system call does."""

    def create(self, path: str, mode: int = 0o600) -> int:
        """Descriptor of a new file, open for reading and writing; FileExistsError where one is."""
        return os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, mode)

    def write(self, descriptor: int, pieces: Sequence[bytes | memoryview]) -> None:
        """Append all bytes of all pieces, however often the system writes less than asked."""
        left = [memoryview(piece).cast("B") for piece in pieces if memoryview(piece).nbytes]
        while left:
            written = os.writev(descriptor, left[:_MOST_BUFFERS])
            while left and written >= left[0].nbytes:
                written -= left.pop(0).nbytes
            if written:
                left[0] = left[0][written:]

    def protect(self, descriptor: int, mode: int) -> None:
        """Set the permission bits of an open file, on file systems that have them."""
        try:
            os.fchmod(descriptor, mode)
        except OSError as error:
            if error.errno not in _UNSUPPORTED:
                raise

    def sync(self, descriptor: int) -> None:
        """Bring the file's bytes to the disk."""
        os.fsync(descriptor)

    def close(self, descriptor: int) -> None:
        os.close(descriptor)

    def rename(self, source: str, destination: str) -> None:
        """Give a file its final name, replacing what had it."""
        os.replace(source, destination)

    def remove(self, path: str) -> None:
        os.unlink(path)

    def sync_folder(self, path: str) -> None:
        """Bring a folder's names to the disk: without it a rename may be lost with the power.

        Some network file systems have no such call for folders; their servers keep names by themselves.
        """
        descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            os.fsync(descriptor)
        except OSError as error:
            if error.errno not in _UNSUPPORTED:
                raise
        finally:
            os.close(descriptor)


DISK = FileLayer()
