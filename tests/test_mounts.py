from __future__ import annotations

from pathlib import Path

import pytest

from skintui import mounts
from skintui.mounts import Mount, locks_hold, mount_in, mount_of

TABLE = r"""22 1 0:21 / / rw,relatime shared:1 - ext4 /dev/vda rw
30 22 0:40 / /home rw,relatime shared:7 - nfs4 server:/home rw,vers=4.2,local_lock=none
31 30 0:41 / /home/ada/with\040space rw - fuse.sshfs ada@host:/ rw,user_id=0
32 22 0:42 / /old rw - nfs server:/old rw,vers=3,nolock
33 22 0:43 / /home rw - tmpfs tmpfs rw
"""


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/", "ext4"),
        ("/homes/x", "ext4"),
        ("/home/ada/with space/w", "fuse.sshfs"),
        ("/old", "nfs"),
        ("/home/ben", "tmpfs"),  # mounted over it later
    ],
)
def test_the_mount_of_a_path_is_the_nearest_and_last(path: str, kind: str) -> None:
    assert mount_in(TABLE, path).kind == kind


def test_what_a_mount_promises() -> None:
    nfs4 = mount_in(TABLE.rsplit("\n", 2)[0], "/home/ada")
    assert (nfs4.is_network, nfs4.locks_reach_others) == (True, True)
    assert not mount_in(TABLE, "/old/w").locks_reach_others
    assert not mount_in(TABLE, "/home/ada/with space/w").locks_reach_others
    assert not Mount("ext4").is_network


def test_the_disk_of_the_tests_is_told_and_keeps_locks(tmp_path: Path) -> None:
    assert mount_of(tmp_path / "not" / "there").kind
    assert locks_hold(tmp_path)
    assert not list(tmp_path.glob(".lock-*"))


def test_a_lock_that_keeps_nobody_out_is_noticed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mounts, "_ASK", "")  # another process to which the lock means nothing
    assert not locks_hold(tmp_path)
