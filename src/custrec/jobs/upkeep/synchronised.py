"""Whether a folder is copied by a synchronisation service, or lies on a network: what SQLite must be kept from.

A service is told by the names of the folders on the way, and by the marks that it leaves at the top of its folder.
"""

from __future__ import annotations

import re
from pathlib import Path

SERVICES: dict[str, tuple[re.Pattern[str], tuple[str, ...]]] = {
    "Dropbox": (re.compile(r"Dropbox( \(.*\))?"), (".dropbox", ".dropbox.cache")),
    "OneDrive": (re.compile(r"OneDrive( -.*|-.*)?"), (".849C9593-D756-4E56-8D6E-42412F2A707B",)),
    "iCloud": (re.compile(r"Mobile Documents|com~apple~CloudDocs|iCloud ?Drive"), ()),
    "Google Drive": (re.compile(r"Google ?Drive(-.*)?|DriveFS"), (".tmp.drivedownload", ".tmp.driveupload")),
    "Nextcloud": (re.compile(r"Nextcloud\d*"), (".nextcloudsync.log", ".sync_*.db", "._sync_*.db")),
    "ownCloud": (re.compile(r"ownCloud\d*"), (".owncloudsync.log",)),
    "Syncthing": (re.compile(r"Syncthing"), (".stfolder",)),
    "Resilio Sync": (re.compile(r"Resilio Sync"), (".sync/ID",)),
    "Seafile": (re.compile(r"Seafile"), (".seafile-data",)),
    "坚果云 (Nutstore)": (re.compile(r"Nutstore( Files)?|我的坚果云"), (".nutstore",)),
}
"""The services: how their folder is usually called, and what lies at its top."""

NETWORKS = frozenset(
    {"nfs", "nfs4", "cifs", "smb", "smb2", "smb3", "smbfs", "9p", "afs", "afpfs", "ncpfs", "ceph", "glusterfs"}
    | {
        "lustre",
        "gpfs",
        "beegfs",
        "pvfs2",
        "orangefs",
        "davfs",
        "davfs2",
        "webdav",
        "vboxsf",
        "prl_fs",
        "drvfs",
        "acfs",
        "ocfs2",
    }
    | {"fuse.sshfs", "fuse.rclone", "fuse.davfs2", "fuse.glusterfs", "fuse.ceph", "fuse.s3fs", "fuse.gcsfuse"}
    | {"fuse.vmhgfs-fuse", "fuse.google-drive-ocamlfuse", "fuse.onedriver"}
)
"""File systems whose locks or shared memory are another machine's (or the host's of a virtual one)."""

MOUNTS = Path("/proc/mounts")
_OCTAL = re.compile(r"\\([0-7]{3})")


def synchronised_by(folder: Path) -> str | None:
    """The service that keeps a folder in step with other machines; None where there is no sign of one."""
    for place in (folder, *folder.parents):
        for service, (called, marks) in SERVICES.items():
            if called.fullmatch(place.name) or any(True for mark in marks for _ in place.glob(mark)):
                return service
    return None


def file_system_of(folder: Path, mounts: Path = MOUNTS) -> str:
    """The type of the file system that a folder lies on; '' where the system does not say."""
    try:
        lines = mounts.read_text(encoding="utf-8", errors="surrogateescape").splitlines()
    except OSError:
        return ""
    best, kind = "", ""
    for line in lines:
        _, point, found, *_ = [*line.split(" "), "", "", ""]
        point = _OCTAL.sub(lambda octal: chr(int(octal[1], 8)), point)
        # The last of several mounts at one point is the one that is seen.
        if point and len(point) >= len(best) and (folder == Path(point) or Path(point) in folder.parents):
            best, kind = point, found
    return kind


def is_network(kind: str) -> bool:
    """Whether a type of file system is of another machine."""
    return kind in NETWORKS
