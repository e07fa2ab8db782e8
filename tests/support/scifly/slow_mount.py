"""A file system whose server can be stopped, as a dead NFS server: FUSE, spoken with the kernel itself.

``python slow_mount.py POINT SOURCE CONTROL COMMAND ...`` mounts what is in SOURCE on POINT, for the command
alone, and runs it; the mount ends with it. The server's pid is in CONTROL/pid: SIGSTOP lets all that touches
the mount hang in the kernel, until SIGCONT. While CONTROL/absent is there, nothing is mounted; while
CONTROL/hold is there, no byte of a file whose name begins with ``stuck`` is given.
"""

import ctypes
import errno
import os
import select
import signal
import stat
import struct
import sys
from collections.abc import Callable
from pathlib import Path

LIBC = ctypes.CDLL(None, use_errno=True)
NEW_NAMESPACE, PRIVATE, DETACH, DIE_WITH_PARENT = 0x20000, 0x44000, 2, 1
IN, OUT = struct.Struct("<IIQQIIII"), struct.Struct("<IiQ")
ATTRIBUTES = struct.Struct("<6Q10I")
LOOKUP, FORGET, GETATTR, OPEN, READ, STATFS, RELEASE, FLUSH = 1, 2, 3, 14, 15, 17, 18, 25
INIT, OPENDIR, READDIR, RELEASEDIR, INTERRUPT, BATCH_FORGET = 26, 27, 28, 29, 36, 42
DIRECT = 1  # no page cache: each read asks the server
TURN = 0.02  # seconds


class Server:
    """Serves SOURCE read-only to one mount."""

    def __init__(self, point: Path, source: Path, control: Path) -> None:
        self.point, self.source, self.control = point, source, control
        self.device = -1
        self.paths = {1: source}
        self.ids = {source: 1}
        self.held: list[tuple[int, bytes]] = []

    def serve(self) -> None:
        """Answer the kernel, for ever."""
        while True:
            absent = (self.control / "absent").exists()
            if absent and self.device >= 0:
                check(LIBC.umount2(os.fsencode(self.point), DETACH))
                os.close(self.device)
                self.device = -1
            elif not absent and self.device < 0:
                self.mount()
            if self.device < 0:
                select.select([], [], [], TURN)
            elif select.select([self.device], [], [], TURN)[0]:
                self.take(os.read(self.device, 1 << 18))
            if self.held and not (self.control / "hold").exists():
                held, self.held = self.held, []
                for unique, answer in held:
                    self.send(unique, answer)

    def mount(self) -> None:
        self.device = os.open("/dev/fuse", os.O_RDWR | os.O_CLOEXEC)
        options = f"fd={self.device},rootmode=40000,user_id=0,group_id=0,allow_other"
        check(LIBC.mount(b"slow", os.fsencode(self.point), b"fuse", 0, options.encode()))

    def take(self, request: bytes) -> None:
        _, operation, unique, node, *_ = IN.unpack_from(request)
        if operation == INTERRUPT:
            interrupted = struct.unpack_from("<Q", request, IN.size)[0]
            if any(one == interrupted for one, _ in self.held):
                self.held = [held for held in self.held if held[0] != interrupted]
                self.send(interrupted, b"", errno.EINTR)
            return
        if operation in (FORGET, BATCH_FORGET):
            return
        try:
            answer = self.answer(operation, self.paths.get(node, self.source), request[IN.size :])
        except OSError as error:
            self.send(unique, b"", error.errno or errno.EIO)
            return
        path = self.paths.get(node)
        if operation == READ and path and path.name.startswith("stuck") and (self.control / "hold").exists():
            self.held.append((unique, answer))
        else:
            self.send(unique, answer)

    def send(self, unique: int, answer: bytes, error: int = 0) -> None:
        os.write(self.device, OUT.pack(OUT.size + len(answer), -error, unique) + answer)

    def answer(self, operation: int, path: Path, body: bytes) -> bytes:
        answers: dict[int, Callable[[], bytes]] = {
            INIT: lambda: struct.pack("<IIIIHHIIHH8I", 7, 31, 0, 0, 12, 10, 1 << 16, 1, 0, 0, *[0] * 8),
            LOOKUP: lambda: self.found(path / os.fsdecode(body.rstrip(b"\0"))),
            GETATTR: lambda: struct.pack("<QII", 0, 0, 0) + self.attributes(path),
            OPEN: lambda: struct.pack("<QII", 0, DIRECT, 0),
            OPENDIR: lambda: struct.pack("<QII", 0, 0, 0),
            READ: lambda: self.content(path, *struct.unpack_from("<QQI", body)[1:]),
            READDIR: lambda: self.entries(path, *struct.unpack_from("<QQI", body)[1:]),
            STATFS: lambda: struct.pack("<5Q10I", *[1 << 20] * 5, 4096, 255, 4096, *[0] * 7),
            **dict.fromkeys((RELEASE, RELEASEDIR, FLUSH), bytes),
        }
        if operation not in answers:
            raise OSError(errno.ENOSYS, "is not served")
        return answers[operation]()

    def found(self, path: Path) -> bytes:
        attributes = self.attributes(path)
        node = self.ids.setdefault(path, len(self.ids) + 1)
        self.paths[node] = path
        return struct.pack("<4Q2I", node, 0, 0, 0, 0, 0) + attributes

    def content(self, path: Path, offset: int, size: int) -> bytes:
        with path.open("rb") as file:
            file.seek(offset)
            return file.read(size)

    def attributes(self, path: Path) -> bytes:
        found = path.lstat()
        times = [found.st_atime_ns, found.st_mtime_ns, found.st_ctime_ns]
        return ATTRIBUTES.pack(
            found.st_ino, found.st_size, found.st_blocks, *(one // 10**9 for one in times),
            *(one % 10**9 for one in times), found.st_mode, found.st_nlink, 0, 0, 0, 4096, 0,
        )  # fmt: skip

    def entries(self, path: Path, offset: int, size: int) -> bytes:
        answer = b""
        for number, one in enumerate(sorted(path.iterdir())[offset:], offset + 1):
            name = os.fsencode(one.name)
            kind = stat.S_IFMT(one.lstat().st_mode) >> 12
            entry = struct.pack("<QQII", one.lstat().st_ino, number, len(name), kind) + name
            entry += bytes(-len(entry) % 8)
            if len(answer) + len(entry) > size:
                break
            answer += entry
        return answer


def check(result: int) -> None:
    if result:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))


def main() -> None:
    """Mount for the command, and become it."""
    point, source, control = map(Path, sys.argv[1:4])
    check(LIBC.unshare(NEW_NAMESPACE))
    check(LIBC.mount(b"none", b"/", None, PRIVATE, None))
    ready, done = os.pipe()
    if os.fork() == 0:
        LIBC.prctl(DIE_WITH_PARENT, signal.SIGKILL)
        server = Server(point, source, control)
        server.mount()
        (control / "pid").write_text(str(os.getpid()))
        os.write(done, b"1")
        os.close(done)
        server.serve()
    os.close(done)
    if os.read(ready, 1) != b"1":
        raise SystemExit(f"{point}: cannot be mounted")
    os.execv(sys.argv[4], sys.argv[4:])


if __name__ == "__main__":
    main()
