"""Webhooks over the wire: they go to the public internet alone, however an address is written."""

import datetime
import ipaddress
import itertools
import socket
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from integrations.errors import IntegrationError
from integrations.webhooks.sending import BYTES_READ, Answer, post
from integrations.webhooks.targets import InvalidTarget, Reach, parse_target
from paddock.public_addresses import is_public
from tests.support.hooks import Receiver, Reply, receiving

PUBLIC = ["93.184.216.34", "8.8.8.8", "2606:2800:220:1:248:1893:25c8:1946"]
NOT_PUBLIC = {
    "this machine": ["127.0.0.1", "127.255.255.254", "::1", "0.0.0.0", "::"],  # noqa: S104
    "private": ["10.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.1.1", "100.64.0.1", "fc00::1", "fd12::1"],
    "link-local": ["169.254.1.1", "fe80::1", "fe80::1%eth0", "fec0::1"],
    "metadata of clouds": ["169.254.169.254", "169.254.170.2", "fd00:ec2::254", "100.100.100.200", "168.63.129.16"],
    "multicast and broadcast": ["224.0.0.1", "239.255.255.250", "ff02::1", "ff0e::1", "255.255.255.255"],
    "reserved and documentation": [
        "240.0.0.1",
        "192.0.2.1",
        "198.51.100.1",
        "203.0.113.1",
        "2001:db8::1",
        "198.18.0.1",
    ],
    "IPv4 in IPv6": ["::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:8.8.8.8", "::127.0.0.1", "::ffff:0:127.0.0.1"],
    "NAT64, 6to4, Teredo": ["64:ff9b::7f00:1", "64:ff9b:1::a00:1", "2002:7f00:1::", "2001:0:4136:e378:8000:63bf::"],
    "no address": ["", "localhost", "127.1", "0x7f000001", "2130706433"],
}
HERE = Reach(is_local=True)
EVERYWHERE = Reach()


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as receiver:
        yield receiver


def send(url: str, reach: Reach = HERE, *, seconds: float = 10) -> Answer:
    return post(url, body=b"{}", headers={"webhook-id": "msg_1"}, reach=reach, seconds=seconds)


@pytest.mark.parametrize("address", PUBLIC)
def test_public_addresses(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize("address", list(itertools.chain(*NOT_PUBLIC.values())))
def test_addresses_that_are_not_public(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize("address", [each for each in itertools.chain(*NOT_PUBLIC.values()) if each])
def test_a_name_that_leads_to_one_is_refused_before_anything_is_sent(address: str) -> None:
    reach = Reach(resolve=lambda host, port: [PUBLIC[0], address])  # one bad address among good ones is enough
    with pytest.raises(IntegrationError, match="no public address") as refused:
        send("https://rebound.example/hook", reach)
    assert refused.value.code == "NotPublic"


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("http://example.com/", "https://"),
        ("ftp://example.com/", "https://"),
        ("//example.com/", "https://"),
        ("https:///hook", "no address"),
        ("https://", "no address"),
        ("nonsense", "no address"),
        ("", "no address"),
        ("https://exa mple.com/", "no address"),
        ("https://example.com/\r\nHost: other", "no address"),
        ("https://example.com:99999/", "no address"),
        ("https://[::1", "no address"),
        ("https://user@example.com/", "user name"),
        ("https://user:secret@example.com/", "user name"),
        ("https://@example.com/", "user name"),
        ("https://example.com:22/", "Port 22"),
        ("https://example.com:80/", "Port 80"),
        ("https://example.com:6379/", "Port 6379"),
        ("https://127.0.0.1/", "no public address"),
        ("https://[::1]/", "no public address"),
        ("https://[::ffff:10.0.0.1]/", "no public address"),
        ("https://169.254.169.254/latest/meta-data/", "no public address"),
        ("https://" + "a" * 70 + ".example/", "no name"),
    ],
)
def test_addresses_that_nobody_may_enter(url: str, why: str) -> None:
    with pytest.raises(InvalidTarget, match=why):
        parse_target(url, EVERYWHERE)
    with pytest.raises(IntegrationError):  # nor are they sent to, had they been entered before
        send(url, EVERYWHERE)


@pytest.mark.parametrize("host", ["2130706433", "0x7f.1", "127.1", "017700000001"])
def test_numbers_that_a_resolver_takes_for_this_machine(host: str) -> None:
    with pytest.raises(IntegrationError):
        send(f"https://{host}/", EVERYWHERE)


@pytest.mark.parametrize(
    ("url", "path"),
    [
        ("https://example.com", "/"),
        ("https://example.com:8443/a b".replace(" ", "%20"), "/a%20b"),
        ("https://example.com/ü?q=ö&r=1#part", "/%C3%BC?q=%C3%B6&r=1"),
        ("https://bücher.example/x", "/x"),
    ],
)
def test_addresses_that_are_fine(url: str, path: str) -> None:
    assert parse_target(url, EVERYWHERE).path == path


def test_the_name_is_resolved_once_and_the_judged_address_is_the_one_that_is_used(receiver: Receiver) -> None:
    """A resolver that gives another answer the second time gets nowhere, because it is not asked a second time."""
    answers = [["127.0.0.1"], ["10.0.0.1"], ["169.254.169.254"]]
    asked: list[str] = []

    def resolve(host: str, port: int) -> list[str]:
        asked.append(host)
        return answers[len(asked) - 1]

    reach = Reach(is_local=True, resolve=resolve)
    assert send(receiver.url(host="rebinding.example"), reach).status == 200
    assert asked == ["rebinding.example"]
    assert receiver.arrivals[0].headers["host"] == f"rebinding.example:{receiver.port}"
    with pytest.raises(IntegrationError, match="no public address"):
        send(receiver.url(host="rebinding.example"), reach)
    assert len(receiver.arrivals) == 1


def test_without_permission_this_machine_is_not_reached(receiver: Receiver) -> None:
    """The control: with it, it is."""
    reach = Reach(resolve=lambda host, port: ["127.0.0.1"])
    with pytest.raises(IntegrationError):
        send("https://example.com:8443/", reach)
    assert send(receiver.url()).status == 200
    assert len(receiver.arrivals) == 1


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize("place", ["http://169.254.169.254/latest/", "/elsewhere"])
def test_redirects_are_answers_and_not_followed(receiver: Receiver, status: int, place: str) -> None:
    receiver.always(Reply(status, {"Location": place}))
    answer = send(receiver.url())
    assert (answer.status, answer.is_success) == (status, False)
    assert [each.path for each in receiver.arrivals] == ["/hook"]


def test_proxies_of_the_environment_are_not_used(receiver: Receiver, monkeypatch: pytest.MonkeyPatch) -> None:
    with receiving() as proxy:
        for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy"):
            monkeypatch.setenv(name, proxy.url(""))
        assert send(receiver.url()).status == 200
        assert proxy.arrivals == []


def test_of_an_answer_the_beginning_is_read(receiver: Receiver) -> None:
    receiver.always(Reply(body=b"x" * 5_000_000))
    assert send(receiver.url()).text == "x" * BYTES_READ


@pytest.mark.parametrize("body", [b"\xff\xfe\x00", "grüß".encode()])
def test_answers_in_any_bytes(receiver: Receiver, body: bytes) -> None:
    receiver.always(Reply(body=body))
    assert "\x00" not in send(receiver.url()).text


def test_retry_after_is_read(receiver: Receiver) -> None:
    receiver.always(Reply(503, {"Retry-After": "120"}))
    assert send(receiver.url()).retry_after == 120


def test_a_server_that_does_not_answer_is_left_in_time(receiver: Receiver) -> None:
    hold = threading.Event()
    receiver.always(Reply(hold=hold))
    with took_about(0.4), pytest.raises(IntegrationError, match="within"):
        send(receiver.url(), seconds=0.4)
    hold.set()


def test_a_server_that_drips_its_headers_is_left_in_time() -> None:
    """Every byte comes in time, and the whole does not."""
    with dripping() as port, took_about(0.4), pytest.raises(IntegrationError, match="within"):
        send(f"http://127.0.0.1:{port}/", seconds=0.4)


def test_a_server_that_drips_its_answer_is_left_in_time(receiver: Receiver) -> None:
    receiver.always(Reply(body=b"x" * 1000, drip=0.05))
    with took_about(0.4), pytest.raises(IntegrationError, match="within"):
        send(receiver.url(), seconds=0.4)


def test_nobody_listens() -> None:
    with receiving() as receiver:
        url = receiver.url()
    with pytest.raises(IntegrationError, match="no answer") as refused:
        send(url)
    assert not refused.value.permanent


def test_the_name_cannot_be_resolved() -> None:
    def resolve(host: str, port: int) -> list[str]:
        raise OSError("nobody knows")

    with pytest.raises(IntegrationError, match="cannot be resolved"):
        send("https://example.com/", Reach(resolve=resolve))


@pytest.mark.parametrize(("host", "is_fine"), [("hooks.example", True), ("other.example", False)])
def test_the_certificate_must_be_for_the_name(host: str, is_fine: bool, tmp_path: Path) -> None:
    server, client = make_certificate(tmp_path, "hooks.example")
    reach = Reach(is_local=True, resolve=lambda host, port: ["127.0.0.1"], trust=client)
    with receiving(certificate=server) as receiver:
        if is_fine:
            assert send(receiver.url(host=host, scheme="https"), reach).status == 200
            return
        with pytest.raises(IntegrationError, match="certificate"):
            send(receiver.url(host=host, scheme="https"), reach)
        assert receiver.arrivals == []


def test_a_certificate_that_nobody_vouches_for_is_refused(tmp_path: Path) -> None:
    server, _ = make_certificate(tmp_path, "hooks.example")
    reach = Reach(is_local=True, resolve=lambda host, port: ["127.0.0.1"])
    with receiving(certificate=server) as receiver, pytest.raises(IntegrationError, match="certificate"):
        send(receiver.url(host="hooks.example", scheme="https"), reach)


@contextmanager
def took_about(seconds: float) -> Iterator[None]:
    """The block ends soon after the time it is given, where its server would take 50 s or for ever."""
    began_at = time.monotonic()
    yield
    assert time.monotonic() - began_at < seconds + 25


@contextmanager
def dripping() -> Iterator[int]:
    """The port of a server that sends a header's letters one by one, and never an end."""
    ended, listening = threading.Event(), socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        connection, _ = listening.accept()
        with connection, suppress(OSError):
            connection.sendall(b"HTTP/1.1 200 OK\r\nX-Long: ")
            while not ended.wait(0.05):
                connection.sendall(b"x")

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    with listening:
        yield int(listening.getsockname()[1])
        ended.set()
        thread.join()


def make_certificate(folder: Path, host: str) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """For a server of this name, and for a client that trusts it."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, host)])
    now = datetime.datetime.now(datetime.UTC)
    names: list[x509.GeneralName] = [x509.DNSName(host), x509.IPAddress(ipaddress.ip_address("192.0.2.1"))]
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    file = folder / "certificate.pem"
    private = serialization.PrivateFormat.PKCS8
    file.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, private, serialization.NoEncryption())
        + certificate.public_bytes(serialization.Encoding.PEM)
    )
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(file)
    return server, ssl.create_default_context(cafile=str(file))
