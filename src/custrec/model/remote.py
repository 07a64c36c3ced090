"""Places for backups that are reached over a network, as they are written in custrec.yaml.

    s3://bucket/folder?endpoint=https://oss-cn-hangzhou.aliyuncs.com     S3, MinIO, Aliyun OSS
    sftp://backup@nas.example/srv/custrec                                a folder of an SSH server
    webdavs://cloud.example/remote.php/dav/files/kim/custrec             WebDAV over TLS

Secrets never stand in them: each kind takes them from where its own tools keep them.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import parse_qsl, unquote, urlsplit

_TAKES = "folders, or s3://bucket/folder, sftp://host/folder and webdavs://host/folder without a password"
_OPTIONS = {"s3": ("endpoint", "region", "style", "profile"), "sftp": (), "webdavs": (), "webdav": ()}
_LOOPBACK = ("localhost", "127.0.0.1", "::1")


@dataclass(frozen=True)
class RemoteUrl:
    """A place by its parts: `host` is a bucket's name for s3, `path` has no slash at its ends but sftp's first one."""

    text: str
    scheme: str
    host: str
    port: int | None
    user: str | None
    path: str
    options: Mapping[str, str]

    def __hash__(self) -> int:
        return hash(self.text)


def is_remote(text: str) -> bool:
    """Whether a text is a URL and not a folder."""
    return re.match(r"[A-Za-z][A-Za-z0-9+.-]*://", text) is not None


def masked(text: str) -> str:
    """A text without the password that a URL in it holds."""
    return re.sub(r"(://[^/@\s:]*):[^/@\s]*@", r"\1:…@", text)


def remote_url(text: str) -> RemoteUrl:
    """The place that a URL names. Raises ValueError, which says what is taken: an unknown kind, a password in it, or
    one that is not encrypted on its way."""
    try:
        said = urlsplit(text)
        port, options = said.port, dict(parse_qsl(said.query, keep_blank_values=True, strict_parsing=bool(said.query)))
    except ValueError:
        raise ValueError(_TAKES) from None
    scheme, host = said.scheme, unquote(said.hostname or "") if said.scheme != "s3" else said.netloc
    if scheme not in _OPTIONS or not host or said.password is not None or said.fragment or "@" in host:
        raise ValueError(_TAKES)
    if unknown := [name for name in options if name not in _OPTIONS[scheme]]:
        raise ValueError(f"in a URL of {scheme} {', '.join(_OPTIONS[scheme]) or 'no options'} (not {unknown[0]})")
    if scheme == "webdav" and host not in _LOOPBACK:
        raise ValueError("webdavs://, which is encrypted on its way")
    if endpoint := options.get("endpoint"):
        at = urlsplit(endpoint)
        encrypted = at.scheme == "https" or (at.scheme == "http" and at.hostname in _LOOPBACK)
        if not encrypted or not at.hostname or at.username is not None:
            raise ValueError("as endpoint a URL that begins with https:// and holds no secret")
    if options.get("style", "path") not in ("path", "virtual"):
        raise ValueError("as style path or virtual")
    path = unquote(said.path).rstrip("/")
    return RemoteUrl(text, scheme, host, port, said.username, path if scheme == "sftp" else path.lstrip("/"), options)
