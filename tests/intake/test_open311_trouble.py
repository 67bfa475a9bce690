"""Servers that break, lie, dawdle or mean harm: a plain word on the row, nothing lost, nothing run."""

import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import httpx
import pytest

from factories_cases import make_town
from lifang.cases.models import Case, Report
from lifang.intake.open311 import client, polling, wire
from lifang.intake.open311.models import Open311Server
from lifang.intake.open311.recovery import TOLD_AFTER, servers

pytestmark = pytest.mark.django_db

ROW = (
    "<request><service_request_id>7</service_request_id><status>open</status>"
    "<description>有积水</description><requested_datetime>{at}</requested_datetime>"
    "<lat>{lat}</lat><long>{long}</long><media_url>{media}</media_url></request>"
)


def rows(
    at: str = "2026-03-01T09:00:00+08:00", lat: str = "", long: str = "", media: str = ""
) -> str:
    row = ROW.format(at=at, lat=lat, long=long, media=media)
    return f"<?xml version='1.0' encoding='utf-8'?><service_requests>{row}</service_requests>"


@dataclass
class Double:
    """A server that answers what it is told to."""

    url: str = ""
    answer: bytes = b""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    wait: threading.Event | None = None


@pytest.fixture
def double() -> Iterator[Double]:
    made = Double()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            made.asked.append(self.path)
            if made.wait is not None:
                made.wait.wait(20)
            self.send_response(made.status)
            for name, value in made.headers.items():
                self.send_header(name, value)
            self.end_headers()
            try:
                self.wfile.write(made.answer)
            except OSError:
                return  # the client has gone

        def log_message(self, *_args: object) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    made.url = f"http://127.0.0.1:{server.server_port}/v2"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield made
    if made.wait is not None:
        made.wait.set()
    server.shutdown()
    server.server_close()


@pytest.fixture
def there(double: Double) -> Open311Server:
    make_town()
    return Open311Server.objects.create(name="邻市", url=double.url, receive=True)


def test_it_works(double: Double, there: Open311Server) -> None:
    double.answer = rows(lat="28.005", long="113.005").encode()
    assert polling.poll(server_id=there.pk).created == 1
    report = Report.objects.get()
    assert (report.text, report.lat, report.external_number) == ("有积水", 28.005, "7")


BOMB = (
    '<?xml version="1.0"?><!DOCTYPE r [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;">]>'
    "<service_requests><request><service_request_id>&b;</service_request_id></request>"
    "</service_requests>"
)
FILE = (
    '<?xml version="1.0"?><!DOCTYPE r [<!ENTITY a SYSTEM "file:///etc/hostname">]>'
    "<service_requests><request><service_request_id>&a;</service_request_id></request>"
    "</service_requests>"
)


@pytest.mark.parametrize(
    ("answer", "status", "word"),
    [
        (b"<service_requests><request>", 200, "不是合格的 XML"),
        (b"", 200, "不是合格的 XML"),
        (b"[]", 200, "不是合格的 XML"),
        (BOMB.encode(), 200, "不是合格的 XML"),
        (FILE.encode(), 200, "不是合格的 XML"),
        (b"<?xml version='1.0' encoding='klingon'?><a/>", 200, "不是合格的 XML"),
        (b"<a>" + b"<b>" * 50 + b"x" + b"</b>" * 50 + b"</a>", 200, "不是合格的 XML"),
        (b"gone", 500, "拒绝（500）"),
        (b"<errors><error><code>403</code><description>no key</description></error></errors>", 403,
         "no key"),
        (b"", 302, "拒绝（302）"),
    ],
)  # fmt: skip
def test_a_broken_answer_is_told_and_nothing_moves(
    double: Double, there: Open311Server, answer: bytes, status: int, word: str
) -> None:
    double.answer, double.status = answer, status
    double.headers = {"Location": f"{double.url}/elsewhere"} if status == 302 else {}
    polling.poll(server_id=there.pk)
    there.refresh_from_db()
    assert word in there.error
    assert (there.failures, there.cursor) == (1, None)
    assert Case.objects.count() == 0
    assert len(double.asked) == 1  # a redirect is not followed: the key stays here
    double.answer, double.status = rows().encode(), 200
    polling.poll(server_id=there.pk)
    there.refresh_from_db()
    assert (there.error, there.failures) == ("", 0)
    assert Case.objects.count() == 1


def test_broken_json_is_told(double: Double, there: Open311Server) -> None:
    Open311Server.objects.update(form="json")
    # leading zeros without quotes, as the specification's own examples have them
    double.answer = b'[{"service_request_id": 0012, "status": "open"}]'
    polling.poll(server_id=there.pk)
    there.refresh_from_db()
    assert "不是合格的 JSON" in there.error


def test_a_server_that_does_not_answer_is_left(
    double: Double, there: Open311Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(client, "TIMEOUT", httpx.Timeout(0.2))
    double.wait = threading.Event()
    polling.poll(server_id=there.pk)
    there.refresh_from_db()
    assert there.error == "对方超时未应答"


def test_a_server_that_is_not_there_is_told(there: Open311Server) -> None:
    Open311Server.objects.update(url="http://127.0.0.1:9/v2")
    polling.poll(server_id=there.pk)
    there.refresh_from_db()
    assert "无法连接" in there.error


def test_the_system_page_tells_of_a_server_that_keeps_failing(there: Open311Server) -> None:
    Open311Server.objects.update(url="http://127.0.0.1:9/v2")
    for _n in range(TOLD_AFTER - 1):
        polling.poll(server_id=there.pk)
    assert list(servers()) == []
    polling.poll(server_id=there.pk)
    (finding,) = servers()
    assert "邻市" in finding.message


def test_an_endless_answer_is_cut(
    double: Double, there: Open311Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(client._fetch, "__kwdefaults__", {"most": 1000})
    double.answer = rows().encode() + b" " * 5000
    polling.poll(server_id=there.pk)
    there.refresh_from_db()
    assert "超过" in there.error
    assert Case.objects.count() == 0


@pytest.mark.parametrize(
    "made",
    [
        rows(at="yesterday"),
        rows(at="0001-01-01T00:00:00Z"),
        rows(lat="north", long="113"),
        rows(lat="0", long="0"),
        rows(lat="28.005"),
        rows(lat="95", long="500"),
        rows(media="file:///etc/hostname"),
        rows(media="http://127.0.0.1:9/x.jpg"),
        rows(media="javascript:alert(1)"),
    ],
)
def test_fields_that_make_no_sense_cost_only_themselves(
    double: Double, there: Open311Server, made: str
) -> None:
    double.answer = made.encode()
    done = polling.poll(server_id=there.pk)
    assert (done.created, done.refused) == (1, [])
    report = Report.objects.get()
    assert report.lat is None
    assert report.evidence.count() == 0


def test_a_clock_that_runs_ahead_there_skips_nothing(double: Double, there: Open311Server) -> None:
    double.answer = rows(at="2099-01-01T00:00:00Z").encode()
    polling.poll(server_id=there.pk)
    there.refresh_from_db()
    assert there.cursor is None


@pytest.mark.parametrize("form", ["xml", "json"])
def test_what_is_written_is_read_again(form: str) -> None:
    value = [{"service_request_id": "0012", "status": "开<&>", "address": None}]
    body = wire.write("service_requests", value, form)
    assert wire.read(body, form) == value


def test_wrapped_lists_and_namespaces_are_understood() -> None:
    assert wire.read(b'{"service_requests": [{"a": 1}]}', "json") == [{"a": 1}]
    body = b'<r xmlns="http://example.org/"><request><a>1</a></request></r>'
    assert wire.read(body, "xml") == [{"a": "1"}]
