"""Folders that other programs copy, and disks of other machines."""

from __future__ import annotations

from pathlib import Path

import pytest

from custrec.jobs.upkeep.synchronised import file_system_of, is_network, synchronised_by


@pytest.mark.parametrize(
    ("folder", "service"),
    [
        ("Dropbox/shop", "Dropbox"),
        ("Dropbox (Privat)/a/b", "Dropbox"),
        ("OneDrive - Contoso Ltd/shop", "OneDrive"),
        ("OneDrive-Personal", "OneDrive"),
        ("Library/Mobile Documents/com~apple~CloudDocs/shop", "iCloud"),
        ("Library/CloudStorage/GoogleDrive-a@example.com/My Drive", "Google Drive"),
        ("Google Drive/shop", "Google Drive"),
        ("Nextcloud/shop", "Nextcloud"),
        ("我的坚果云/客户", "坚果云 (Nutstore)"),
        ("Dropbox-backup/shop", None),
        ("my OneDrive notes", None),
        ("shop", None),
    ],
)
def test_a_service_is_told_by_the_name_of_its_folder(tmp_path: Path, folder: str, service: str | None) -> None:
    (tmp_path / folder).mkdir(parents=True)
    assert synchronised_by(tmp_path / folder) == service


@pytest.mark.parametrize(
    ("mark", "service"),
    [
        (".stfolder/", "Syncthing"),
        (".dropbox", "Dropbox"),
        ("._sync_3f2a.db", "Nextcloud"),
        (".owncloudsync.log", "ownCloud"),
        (".tmp.drivedownload/", "Google Drive"),
        (".sync/ID", "Resilio Sync"),
        ("sync.db", None),
    ],
)
def test_a_service_is_told_by_the_mark_it_leaves(tmp_path: Path, mark: str, service: str | None) -> None:
    (tmp_path / "a" / "b").mkdir(parents=True)
    place = tmp_path / mark
    place.parent.mkdir(exist_ok=True)
    place.mkdir() if mark.endswith("/") else place.touch()
    assert synchronised_by(tmp_path / "a" / "b") == service


MOUNTS = """\
/dev/sda1 / ext4 rw 0 0
proc /proc proc rw 0 0
//nas/share /mnt/the\\040nas cifs rw 0 0
me@host:/ /home/me/far fuse.sshfs rw 0 0
/dev/sdb1 /home/me/far/near xfs rw 0 0
nfs:/x /srv nfs4 rw 0 0
/dev/sdc1 /srv btrfs rw 0 0
"""


@pytest.mark.parametrize(
    ("folder", "kind", "network"),
    [
        ("/", "ext4", False),
        ("/home/me", "ext4", False),
        ("/mnt/the nas/shop", "cifs", True),
        ("/mnt/the nasty", "ext4", False),
        ("/home/me/far/a", "fuse.sshfs", True),
        ("/home/me/far/near/a", "xfs", False),
        ("/srv/shop", "btrfs", False),
    ],
)
def test_the_file_system_is_that_of_the_longest_mount_and_the_last_one_there(
    tmp_path: Path, folder: str, kind: str, network: bool
) -> None:
    mounts = tmp_path / "mounts"
    mounts.write_text(MOUNTS)
    assert file_system_of(Path(folder), mounts) == kind
    assert is_network(kind) is network


def test_where_the_system_does_not_say_nothing_is_said(tmp_path: Path) -> None:
    assert file_system_of(tmp_path, tmp_path / "none") == ""
    assert not is_network("")
