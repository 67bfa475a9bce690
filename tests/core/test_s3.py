"""Files in a bucket, over the S3 protocol, against a server of another make."""

import io
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.test import Client
from PIL import Image

from core.bad_files import picture
from factories_orgs import client_for, make_user
from lifang import settings as here
from lifang.core import files
from lifang.core.files.store import BucketStore, incoming, key_of, local_copy, store
from lifang.orgs.choices import Role

boto3 = pytest.importorskip("boto3", reason="the extra [s3] is not installed")
moto = pytest.importorskip("moto.server", reason="no S3 server to test against")
RunTasks = Callable[..., list[str]]
pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def endpoint() -> Iterator[str]:
    server = moto.ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture
def bucket(endpoint: str, settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """A fresh bucket, with the settings that its URL gives."""
    client = boto3.client(
        "s3", endpoint_url=endpoint, region_name="us-east-1", aws_access_key_id="key",
        aws_secret_access_key="sec/ret",
    )  # fmt: skip
    client.create_bucket(Bucket="lifang")
    url = f"s3://key:sec%2Fret@lifang?endpoint={endpoint}&region=us-east-1"
    monkeypatch.setattr(here.C, "media_url", url)
    settings.STORAGES = here._storages()
    store.cache_clear()
    yield client
    store.cache_clear()
    for row in client.list_objects_v2(Bucket="lifang").get("Contents", []):
        client.delete_object(Bucket="lifang", Key=row["Key"])
    client.delete_bucket(Bucket="lifang")


def keys(bucket: Any) -> set[str]:
    found = bucket.list_objects_v2(Bucket="lifang").get("Contents", [])
    return {row["Key"].split("/")[0] for row in found}


def test_it_works(bucket: Any, run_tasks: RunTasks) -> None:
    assert isinstance(store(), BucketStore)
    before = set(incoming().glob("*"))
    row = files.accept(io.BytesIO(picture(size=(2000, 1000))), name="井盖.jpg", owner="user:1")
    run_tasks()
    row.refresh_from_db()
    assert row.copies_made
    assert keys(bucket) == {"original", "view", "thumb"}
    with store().open(key_of(row.sha256, "thumb")) as stream:
        assert Image.open(io.BytesIO(stream.read())).size == (320, 160)
    # nothing stays behind on this machine
    assert set(incoming().glob("*")) == before


def test_what_is_served_comes_out_of_the_bucket(bucket: Any, run_tasks: RunTasks) -> None:
    row = files.accept(io.BytesIO(picture()), name="照片.jpg", owner="user:1")
    run_tasks()
    client = client_for(make_user(role=Role.ACCEPTOR))
    answer = client.get(files.url(row.sha256, "view"))
    assert answer.status_code == 200
    assert Image.open(io.BytesIO(b"".join(answer.streaming_content))).format == "JPEG"  # type: ignore[attr-defined]  # a stream
    assert Client().get(files.url(row.sha256, "original")).status_code in (401, 403, 404)


def test_the_same_bytes_lie_there_once(bucket: Any) -> None:
    for name in ("a.jpg", "b.jpg"):
        files.accept(io.BytesIO(picture()), name=name, owner="user:1")
    found = bucket.list_objects_v2(Bucket="lifang")["Contents"]
    assert len([r for r in found if r["Key"].startswith("original/")]) == 1


def test_a_key_is_fetched_asked_for_and_removed(bucket: Any, tmp_path: Any) -> None:
    source = tmp_path / "source"
    source.write_bytes(b"x" * 3_000_000)
    store().put("original/ab/cd/abcd", source)
    assert not source.exists()
    assert store().has("original/ab/cd/abcd")
    copy = local_copy("original/ab/cd/abcd", tmp_path / "copy")
    assert copy.read_bytes() == b"x" * 3_000_000
    store().delete("original/ab/cd/abcd")
    assert not store().has("original/ab/cd/abcd")
