"""Folders that are reached over a network: what lies there, bytes to it and back. By s3fs, webdav4 and paramiko.

Secrets come from those libraries' own places: AWS_… and ~/.aws for s3, an agent, ~/.ssh and ~/.ssh/config for sftp,
~/.netrc (or NETRC) for webdav. Who is at the other end is always checked: TLS certificates, and ~/.ssh/known_hosts.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from custrec.errors import CustrecError, PlaceUnreachable, RemoteExtraMissing
from custrec.files.printable import printable
from custrec.model.remote import RemoteUrl

if TYPE_CHECKING:
    from collections.abc import Callable

CHUNK = 1 << 20
PART = 16 << 20
"""Bytes that are sent to S3 at a time; one part is in memory."""
PATIENCE = 60
"""Seconds after which a server that says nothing counts as gone."""
CONNECTING = 10
"""Seconds after which a server that cannot be connected to counts as away."""


class _Protocol(Protocol):
    """What is done in different ways by different servers. Names are relative to the folder."""

    moves: bool

    def listing(self) -> dict[str, int]:
        """Names of files and their sizes."""

    def upload(self, file: Path, name: str) -> None:
        """Send a file; what is there is replaced."""

    def chunks(self, name: str) -> Iterator[bytes]:
        """The bytes of a file. Raises FileNotFoundError."""

    def move(self, name: str, final: str) -> None:
        """Give a file another name."""

    def remove(self, name: str) -> None:
        """Remove a file. Raises FileNotFoundError."""


class Remote:
    """One such folder. It is connected to when it is first asked for something.

    Each method raises PlaceUnreachable whatever the library or the network says, and RemoteExtraMissing where the
    libraries are not installed.
    """

    def __init__(self, url: RemoteUrl) -> None:
        self.url = url

    @cached_property
    def _there(self) -> _Protocol:
        kinds: dict[str, Callable[[RemoteUrl], _Protocol]] = {"s3": _S3, "sftp": _Sftp}
        try:
            return kinds.get(self.url.scheme, _Webdav)(self.url)
        except ImportError as error:
            raise RemoteExtraMissing(url=printable(self.url.text, 200), module=error.name or "fsspec") from error

    @property
    def moves(self) -> bool:
        """Whether a file can be sent under one name and then get another one; else it is seen only when it is whole."""
        with self._said():
            return self._there.moves

    def listing(self) -> dict[str, int]:
        """Names of files and their sizes."""
        with self._said():
            return self._there.listing()

    def upload(self, file: Path, name: str) -> None:
        """Send a file; what is there under this name is replaced."""
        with self._said():
            self._there.upload(file, name)

    def chunks(self, name: str) -> Iterator[bytes]:
        """The bytes of a file. Raises FileNotFoundError, too."""
        with self._said(missing=True):
            yield from self._there.chunks(name)

    def move(self, name: str, final: str) -> None:
        """Give a file another name."""
        with self._said():
            self._there.move(name, final)

    def remove(self, name: str) -> None:
        """Remove a file, if it is there."""
        with self._said(), contextlib.suppress(FileNotFoundError):
            self._there.remove(name)

    @contextlib.contextmanager
    def _said(self, missing: bool = False) -> Iterator[None]:
        """Say what libraries raise, each of its own make, as one error."""
        try:
            yield
        except (CustrecError, GeneratorExit):
            raise
        except FileNotFoundError as error:
            if missing:
                raise
            raise self._unusable("it is not there") from error
        except Exception as error:
            raise self._unusable(_reason(error)) from error

    def _unusable(self, reason: str) -> PlaceUnreachable:
        return PlaceUnreachable(path=printable(self.url.text, 200), reason=reason)


def _reason(error: BaseException) -> str:
    """What went wrong in a few words. Libraries wrap what the system said; the innermost with words says most."""
    while (inner := error.__cause__ or error.__context__) is not None and not isinstance(error, OSError):
        error = inner
    words = (error.strerror if isinstance(error, OSError) else None) or str(error).partition("\n")[0]
    return printable((words or type(error).__name__).strip().lower().rstrip("."), 160)


class _S3:
    """S3 and its kin. An object is seen when it is whole, so that there is nothing to be moved."""

    moves = False

    def __init__(self, url: RemoteUrl) -> None:
        import logging

        from s3fs import S3FileSystem

        # Who sends is told that the server went away; what it left undone asyncio would tell again, with a traceback.
        logging.getLogger("asyncio").setLevel(logging.CRITICAL)
        said = url.options
        style = said.get("style") or ("virtual" if ".aliyuncs.com" in said.get("endpoint", "") else "auto")
        when = {"request_checksum_calculation": "when_required", "response_checksum_validation": "when_required"}
        # Of the ways to try again the standard one: three times within some seconds, or AWS_MAX_ATTEMPTS times.
        config: dict[str, Any] = {"s3": {"addressing_style": style}, "retries": {"mode": "standard"}, **when}
        config |= {"connect_timeout": CONNECTING, "read_timeout": PATIENCE}
        self._fs = S3FileSystem(
            endpoint_url=said.get("endpoint"),
            profile=said.get("profile"),
            client_kwargs={"region_name": said["region"]} if "region" in said else {},
            config_kwargs=config,  # OSS knows no checksums in trailers, which botocore adds where nobody asks
            use_listings_cache=False,
            skip_instance_cache=True,
            default_fill_cache=False,
        )
        self._fs.retries = 2
        self._bucket = url.host
        self._root = f"{url.host}/{url.path}".rstrip("/")

    def listing(self) -> dict[str, int]:
        try:
            found = self._fs.ls(self._root, detail=True)
        except FileNotFoundError:
            self._fs.ls(self._bucket)  # there is no such thing as an empty folder
            found = []
        return {one["name"].rpartition("/")[2]: int(one["size"]) for one in found if one["type"] == "file"}

    def upload(self, file: Path, name: str) -> None:
        self._fs.put_file(str(file), f"{self._root}/{name}", chunksize=PART, max_concurrency=1)

    def chunks(self, name: str) -> Iterator[bytes]:
        yield from _read(self._fs.open(f"{self._root}/{name}", "rb", block_size=PART, fill_cache=False))

    def move(self, name: str, final: str) -> None:
        self._fs.mv(f"{self._root}/{name}", f"{self._root}/{final}")

    def remove(self, name: str) -> None:
        self._fs.rm_file(f"{self._root}/{name}")


class _Sftp:
    """A folder of an SSH server, whose key stands in known_hosts."""

    moves = True

    def __init__(self, url: RemoteUrl) -> None:
        import paramiko

        self._client = paramiko.SSHClient()
        self._client.load_system_host_keys()
        self._client.set_missing_host_key_policy(paramiko.RejectPolicy())
        said = _ssh_config(url.host)
        self._client.connect(
            said.get("hostname", url.host),
            port=url.port or int(said.get("port", 22)),
            username=url.user or said.get("user"),
            key_filename=said.get("identityfile"),
            timeout=CONNECTING,
            banner_timeout=20,
            auth_timeout=20,
        )
        self._sftp = self._client.open_sftp()
        channel = self._sftp.get_channel()
        if channel is not None:
            channel.settimeout(PATIENCE)
        self._root = url.path or "."

    def listing(self) -> dict[str, int]:
        from stat import S_ISREG

        return {
            one.filename: int(one.st_size or 0)
            for one in self._sftp.listdir_iter(self._root)
            if S_ISREG(one.st_mode or 0)
        }

    def upload(self, file: Path, name: str) -> None:
        self._sftp.put(str(file), f"{self._root}/{name}")

    def chunks(self, name: str) -> Iterator[bytes]:
        with self._sftp.open(f"{self._root}/{name}", "rb") as stream:
            stream.prefetch(max_concurrent_requests=64)
            while chunk := stream.read(CHUNK):
                yield chunk

    def move(self, name: str, final: str) -> None:
        self._sftp.posix_rename(f"{self._root}/{name}", f"{self._root}/{final}")

    def remove(self, name: str) -> None:
        self._sftp.remove(f"{self._root}/{name}")


class _Webdav:
    """A folder of a WebDAV server."""

    moves = True

    def __init__(self, url: RemoteUrl) -> None:
        import httpx
        from webdav4.fsspec import WebdavFileSystem

        scheme = "https" if url.scheme == "webdavs" else "http"
        port = f":{url.port}" if url.port else ""
        try:
            auth: Any = httpx.NetRCAuth(os.environ.get("NETRC"))
        except FileNotFoundError:
            auth = None
        patience = httpx.Timeout(PATIENCE, connect=CONNECTING)
        self._fs = WebdavFileSystem(f"{scheme}://{url.host}{port}/{url.path}", auth=auth, timeout=patience)

    def listing(self) -> dict[str, int]:
        found = self._fs.ls("", detail=True)
        return {str(one["name"]).rpartition("/")[2]: int(one["size"] or 0) for one in found if one["type"] == "file"}

    def upload(self, file: Path, name: str) -> None:
        self._fs.put_file(str(file), name)

    def chunks(self, name: str) -> Iterator[bytes]:
        yield from _read(self._fs.open(name, "rb"))

    def move(self, name: str, final: str) -> None:
        self._fs.client.move(name, final, overwrite=True)

    def remove(self, name: str) -> None:
        self._fs.rm_file(name)


def _read(stream: Any) -> Iterator[bytes]:
    with stream:
        while chunk := stream.read(CHUNK):
            yield chunk


def _ssh_config(host: str) -> dict[str, Any]:
    """What a person's own configuration of SSH says of a host."""
    import paramiko

    place = Path.home() / ".ssh" / "config"
    return dict(paramiko.SSHConfig.from_path(str(place)).lookup(host)) if place.is_file() else {}
