"""Which file system a path lies on, and whether several machines can write there without harm.

SQLite's write-ahead log needs memory that all its writers share, which no network file system gives
(https://www.sqlite.org/wal.html, "All processes using a database must be on the same host computer"); a rollback
journal needs no more than locks that hold for everybody.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

# fmt: off
NETWORK = frozenset((
    "nfs", "nfs4", "cifs", "smb2", "smb3", "smbfs", "9p", "afs", "lustre", "gpfs", "beegfs", "ceph", "fuse.ceph",
    "panfs", "wekafs", "orangefs", "pvfs2", "glusterfs", "fuse.glusterfs", "fuse.sshfs", "fuse.rclone", "fuse.s3fs",
    "fuse.gcsfuse", "fuse.davfs2", "davfs", "ncpfs", "coda", "ocfs2", "gfs2", "vboxsf", "fuse.vmhgfs-fuse",
    "fuse.juicefs", "fuse.seaweedfs", "fuse.moosefs", "webdav", "osxfuse", "virtiofs",
))
# fmt: on
"""Types, as the kernel names them, behind which other machines may write."""
ON_NETWORK = "verdicts are kept with a rollback journal and locks, safe for several machines, a little slower"
"""What a person is told of a workspace there."""
_LOCAL_LOCKS = frozenset(["fuse.sshfs", "fuse.rclone", "fuse.s3fs", "fuse.gcsfuse", "fuse.davfs2", "davfs"])
"""Types that keep locks to one machine, whatever they are asked."""
_WITHOUT = re.compile(r"^(nolock|nobrl|localflock|noflock|local_lock=(all|posix))$")
"""Mount options by which other types do the same."""


@dataclass(frozen=True, slots=True)
class Mount:
    """What holds a path."""

    kind: str
    """Type of the file system; empty where the system does not tell."""
    options: tuple[str, ...] = ()

    @property
    def is_network(self) -> bool:
        return self.kind in NETWORK

    @property
    def locks_reach_others(self) -> bool:
        """Whether a lock taken here is meant to hold on other machines."""
        return self.kind not in _LOCAL_LOCKS and not any(map(_WITHOUT.match, self.options))


def mount_of(path: Path) -> Mount:
    """The mount that holds ``path`` (which need not exist), as Linux tells it."""
    try:
        table = Path("/proc/self/mountinfo").read_text(encoding="utf-8", errors="surrogateescape")
    except OSError:
        return Mount("")
    return mount_in(table, os.path.realpath(path))


def mount_in(table: str, path: str) -> Mount:
    """The last mount of the table of ``/proc/self/mountinfo`` (proc(5)) on the longest part of ``path``."""
    best, found = -1, Mount("")
    for line in table.splitlines():
        head, _, tail = line.partition(" - ")
        fields, (kind, _, *further) = head.split(), [*tail.split(" ", 2), "", ""][:3]
        if len(fields) < 6:
            continue
        point = re.sub(r"\\([0-7]{3})", lambda octal: chr(int(octal[1], 8)), fields[4])
        if len(point) >= best and (path == point or path.startswith(point.rstrip("/") + "/")):
            options = (*fields[5].split(","), *"".join(further).split(","))
            best, found = len(point), Mount(kind, options)
    return found


_ASK = (
    "import fcntl, sys\nwith open(sys.argv[1], 'rb+') as file:\n    fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB)\n"
)


def locks_hold(folder: Path) -> bool:
    """Whether a lock of this process keeps another one out of a file in ``folder``: tried, not believed."""
    try:
        import fcntl
    except ImportError:
        return True
    handle, name = tempfile.mkstemp(prefix=".lock-", dir=folder)
    try:
        with os.fdopen(handle, "rb+") as file:
            try:
                fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                return False
            asked = subprocess.run(  # noqa: S603 -- this interpreter and a constant
                [sys.executable, "-I", "-S", "-c", _ASK, name], capture_output=True, check=False, timeout=30
            )
            return asked.returncode != 0
    finally:
        with suppress(OSError):
            Path(name).unlink()
