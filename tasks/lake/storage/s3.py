"""A lake in S3, or in any store that speaks S3's language (MinIO, Ceph, R2 …), through pyarrow's client.

Credentials, region and endpoint come from where every AWS tool looks: the variables ``AWS_ACCESS_KEY_ID``,
``AWS_PROFILE``, ``AWS_REGION``, ``AWS_ENDPOINT_URL`` …, the files in ``~/.aws``, the role of the machine.
"""

import contextlib
import os
import re
import shutil
import tempfile
from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import IO
from urllib.parse import urlsplit

import pyarrow as pa
from pyarrow import fs

from schemas.errors import StopFlow
from tasks.lake.storage.protocol import StoredFile

__all__ = ["Bucket", "open_bucket"]

_IN_MEMORY = 64_000_000
"""Bytes of a new file that are kept in memory until it is sent; more goes to the temporary folder of the machine."""

_CONNECT_SECONDS = 10.0

_ADVICE = {
    "NO_SUCH_BUCKET": "there is no bucket {bucket}; make it, or name another with --lake s3://BUCKET/PREFIX",
    "ACCESS_DENIED": "no permission; ask for the rights to list, get, put and delete in {bucket}",
    "INVALID_ACCESS_KEY_ID": "the store does not know this access key; check AWS_ACCESS_KEY_ID or AWS_PROFILE",
    "SIGNATURE_DOES_NOT_MATCH": "the secret key is wrong; check AWS_SECRET_ACCESS_KEY or AWS_PROFILE",
    "INVALID_SIGNATURE": "the secret key is wrong; check AWS_SECRET_ACCESS_KEY or AWS_PROFILE",
    "EXPIRED_TOKEN": "the session has expired; sign in again",
    "NETWORK_CONNECTION": "nobody answers at {endpoint}; check AWS_ENDPOINT_URL, AWS_REGION and the network",
    "PERMANENT_REDIRECT": "the bucket is in another region; set AWS_REGION",
}
"""What to do, by the error code of the client; HEAD requests get no more than a status."""

_BY_STATUS = {
    "301": "PERMANENT_REDIRECT",
    "403": "ACCESS_DENIED",
    "404": "NO_SUCH_BUCKET",
}


@lru_cache
def open_bucket(address: str) -> "Bucket":
    """Return the storage at ``bucket/prefix``; one client for each, however often it is asked for.

    Raises:
        StopFlow: No bucket is named, or the endpoint is no URL.
    """
    bucket, _, prefix = address.partition("/")
    if not bucket or prefix.startswith("/") or {".", ".."} & set(prefix.split("/")):
        raise StopFlow(f"s3://{address} names no place in a bucket; write s3://BUCKET/PREFIX")
    return Bucket(_make_client(), bucket, prefix.strip("/"))


def _make_client() -> fs.S3FileSystem:
    # Without a delayed open, each file costs the three requests of an upload in parts; with it, a small one is one PUT.
    own = {"allow_delayed_open": True, "connect_timeout": _CONNECT_SECONDS}
    region = os.environ.get("AWS_REGION") or os.environ.get("AWS_DEFAULT_REGION")
    if not (endpoint := _read_endpoint()):
        return fs.S3FileSystem(region=region, **own)
    url = urlsplit(endpoint)
    if url.scheme not in ("http", "https") or not url.netloc:
        raise StopFlow(f"AWS_ENDPOINT_URL is {endpoint!r}; it must be like https://store.example:9000")
    return fs.S3FileSystem(region=region or "us-east-1", scheme=url.scheme, endpoint_override=url.netloc, **own)


def _read_endpoint() -> str | None:
    return os.environ.get("AWS_ENDPOINT_URL_S3") or os.environ.get("AWS_ENDPOINT_URL")


class Bucket:
    """A prefix of a bucket as the storage of a lake; see :class:`tasks.lake.storage.protocol.Storage`.

    A PUT is atomic, and so is the end of an upload in parts: a reader sees the whole file or none.
    """

    is_remote = True

    def __init__(self, client: fs.S3FileSystem, bucket: str, prefix: str) -> None:
        self._client = client
        self._bucket = bucket
        self._folder = f"{bucket}/{prefix}" if prefix else bucket

    @property
    def root(self) -> str:
        """Return ``s3://bucket/prefix``."""
        return f"s3://{self._folder}"

    def top_names(self) -> frozenset[str] | None:
        """Return the names under the prefix; None if there are none, for a store knows no empty folders."""
        return frozenset(info.base_name for info in self._list_infos("", recursive=False)) or None

    def list_files(self, table: str) -> list[StoredFile]:
        """Return the files in the days of a table, by name."""
        found = (info for info in self._list_infos(f"/{table}", recursive=True) if info.is_file)
        files = (StoredFile(self._name_within_lake(info.path), info.size, info.mtime) for info in found)
        return sorted((file for file in files if file.name.count("/") == 2), key=lambda file: file.name)

    def open_file(self, name: str) -> pa.NativeFile:
        """Open a file to be read; raises OSError."""
        return self._client.open_input_file(f"{self._folder}/{name}")

    def publish(self, name: str, write: Callable[[IO[bytes]], None]) -> bool:
        """Make a file where there is none yet, whole or not at all; True if there was none.

        Between looking and putting another writer may put the same name: it is the same batch then, with the same rows.
        """
        with (
            self._translate_os_errors(f"cannot write {self.root}/{name}"),
            tempfile.SpooledTemporaryFile(_IN_MEMORY) as file,
        ):
            write(file)
            if self._has_file(name):
                return False
            file.seek(0)
            self._put_file(name, file)
        return True

    def replace(self, name: str, content: bytes) -> None:
        """Make a small file, in the place of whatever is there."""
        with self._translate_os_errors(f"cannot write {self.root}/{name}"):
            self._put_file(name, pa.BufferReader(content))

    def delete(self, name: str) -> None:
        """Take a file away."""
        with self._translate_os_errors(f"cannot delete {self.root}/{name}"), contextlib.suppress(FileNotFoundError):
            self._client.delete_file(f"{self._folder}/{name}")

    def _has_file(self, name: str) -> bool:
        try:
            self.open_file(name).close()  # one request; asking what is there would also look for a folder
        except FileNotFoundError:
            return False
        return True

    def _put_file(self, name: str, content: IO[bytes] | pa.NativeFile) -> None:
        with self._client.open_output_stream(f"{self._folder}/{name}") as target:
            shutil.copyfileobj(content, target, 8_000_000)

    def _list_infos(self, folder: str, *, recursive: bool) -> list[fs.FileInfo]:
        selector = fs.FileSelector(f"{self._folder}{folder}", allow_not_found=True, recursive=recursive)
        with self._translate_os_errors(f"cannot list {self.root}"):
            try:
                return list(self._client.get_file_info(selector))
            except FileNotFoundError:
                return []

    def _name_within_lake(self, path: str) -> str:
        return path[len(self._folder) + 1 :]

    @contextlib.contextmanager
    def _translate_os_errors(self, what: str) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise StopFlow(f"{what}: {self._find_advice(str(error))}") from error

    def _find_advice(self, message: str) -> str:
        code = re.search(r"AWS Error ([A-Z_]+)", message)
        status = re.search(r"HTTP status (\d+)", message)
        advice = _ADVICE.get(code[1] if code else "") or _ADVICE.get(_BY_STATUS.get(status[1] if status else "", ""))
        endpoint = _read_endpoint() or "the endpoint of AWS"
        return advice.format(bucket=self._bucket, endpoint=endpoint) if advice else message
