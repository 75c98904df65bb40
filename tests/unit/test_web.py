"""A picture from an address: of public hosts alone, also after a redirect, within limits of size and time."""

from __future__ import annotations

import datetime
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from dlcore.decoding.formats import ImageError
from dlcore.uploads.web import Web, fetch, public

HOST, SECRET = "photos.example", "intranet.example"
PICTURE = b"\x89PNG" + bytes(1000)

PRIVATE = [
    "127.0.0.1",
    "127.8.8.8",
    "10.0.0.1",
    "172.16.0.1",
    "192.168.1.1",
    "169.254.169.254",
    "100.64.0.1",
    "0.0.0.0",
    "224.0.0.1",
    "255.255.255.255",
    "240.0.0.1",
    "192.0.2.1",
    "198.18.0.1",
    "::1",
    "::",
    "fe80::1",
    "fe80::1%eth0",
    "fc00::1",
    "fd12::1",
    "ff02::1",
    "2001:db8::1",
    "::ffff:127.0.0.1",
    "::ffff:10.0.0.1",
    "64:ff9b::7f00:1",
    "64:ff9b::a00:1",
    "2002:7f00:1::1",
    "2001:0:0:0:0:0:f5ff:fffe",
]


@pytest.mark.parametrize("address", PRIVATE)
def test_what_is_not_of_the_open_internet_is_not_public(address: str):
    assert not public(address)


@pytest.mark.parametrize("address", ["93.184.216.34", "8.8.8.8", "2606:4700::1111", "64:ff9b::808:808"])
def test_what_is_of_it_is(address: str):
    assert public(address)


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, HOST)])
    now = datetime.datetime.now(datetime.UTC)
    names = [x509.DNSName(HOST), x509.DNSName("münchen.example".encode("idna").decode())]
    signed = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    folder = tmp_path_factory.mktemp("tls")
    own, secret = folder / "own.pem", folder / "key.pem"
    own.write_bytes(signed.public_bytes(serialization.Encoding.PEM))
    secret.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )
    return own, secret


class Site:
    """An https server on the loopback: ``pages`` by path, each a function of the request's handler."""

    def __init__(self, own: Path, key: Path):
        self.pages: dict[str, Callable[[BaseHTTPRequestHandler], None]] = {}
        self.log: list[str] = []
        site = self

        class Handler(BaseHTTPRequestHandler):
            def log_message(self, *_: object) -> None:
                pass

            def do_GET(self) -> None:
                site.log.append(f"{self.headers['Host'].partition(':')[0]}{self.path}")
                site.pages[self.path.partition("?")[0]](self)

        self.http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.http.daemon_threads = True
        self.http.handle_error = lambda *_: None  # type: ignore[method-assign]
        server_side = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        server_side.load_cert_chain(own, key)
        self.http.socket = server_side.wrap_socket(self.http.socket, server_side=True)
        threading.Thread(target=self.http.serve_forever, args=(0.01,), daemon=True).start()

    def web(self, own: Path, **changes: object) -> Web:
        """The web as this test has it: two hosts, one of them of a private address, both on this machine."""
        hosts = {HOST: ["127.0.0.1"], SECRET: ["127.0.0.2"], "xn--mnchen-3ya.example": ["127.0.0.1"]}
        usual = {
            "resolve": lambda host: hosts.get(host, []),
            "allowed": lambda address: address == "127.0.0.1",
            "port": self.http.server_port,
            "trust": lambda: ssl.create_default_context(cafile=str(own)),
            "seconds": 5.0,
        }
        return Web(**usual | changes)  # type: ignore[arg-type]


@pytest.fixture
def site(certificate: tuple[Path, Path]) -> Iterator[Site]:
    site = Site(*certificate)
    yield site
    site.http.shutdown()
    site.http.server_close()


@pytest.fixture
def get(site: Site, certificate: tuple[Path, Path]) -> Callable[..., bytes]:
    return lambda url, **changes: fetch(url, site.web(certificate[0], **changes))


def gives(content: bytes, status: int = 200, **headers: str) -> Callable[[BaseHTTPRequestHandler], None]:
    def page(request: BaseHTTPRequestHandler) -> None:
        request.send_response(status)
        for name, value in ({"Content_Length": str(len(content))} | headers).items():
            request.send_header(name.replace("_", "-"), value)
        request.end_headers()
        request.wfile.write(content)

    return page


def leads_to(url: str) -> Callable[[BaseHTTPRequestHandler], None]:
    return gives(b"", 302, Location=url)


def refused(get: Callable[..., bytes], url: str, *words: str, **changes: object) -> None:
    with pytest.raises(ImageError) as caught:
        get(url, **changes)
    assert "\n" not in str(caught.value) and ": " in str(caught.value)
    for word in words:
        assert word in str(caught.value)


def test_a_picture_is_fetched_from_the_address_that_was_checked(site: Site, get):
    site.pages["/a b/ü.png"] = site.pages["/a%20b/%C3%BC.png"] = gives(PICTURE)
    assert get(f"https://{HOST}/a b/ü.png?x=1#part") == PICTURE
    assert get("  https://münchen.example/a%20b/%C3%BC.png\n") == PICTURE
    assert site.log[0] == f"{HOST}/a%20b/%C3%BC.png?x=1"


def test_a_redirect_is_followed_and_checked_as_a_new_address(site: Site, get):
    site.pages |= {
        "/1": leads_to("/2"),
        "/2": leads_to(f"https://{HOST}/3"),
        "/3": gives(PICTURE),
        "/inside": leads_to(f"https://{SECRET}/3"),
        "/plain": leads_to(f"http://{HOST}/3"),
        "/round": leads_to("/round"),
    }
    assert get(f"https://{HOST}/1") == PICTURE
    refused(get, f"https://{HOST}/inside", SECRET, "no public host")
    refused(get, f"https://{HOST}/plain", "https://")
    refused(get, f"https://{HOST}/round", "more than 5 times")
    assert f"{SECRET}/3" not in site.log


def test_a_name_with_one_private_address_among_its_own_is_refused(site: Site, get):
    refused(get, f"https://{HOST}/1", "no public host", resolve=lambda _: ["127.0.0.1", "127.0.0.2"])
    assert not site.log


def test_a_name_is_looked_up_once_for_each_request(site: Site, get):
    answers = iter([["127.0.0.1"], ["127.0.0.2"]])
    site.pages["/1"] = gives(PICTURE)
    assert get(f"https://{HOST}/1", resolve=lambda _: next(answers)) == PICTURE


@pytest.mark.parametrize(
    ("url", "word"),
    [
        ("http://photos.example/1", "https://"),
        ("file:///etc/passwd", "https://"),
        ("photos.example/1", "https://"),
        ("", "https://"),
        ("https://", "https://"),
        ("https://me:secret@photos.example/1", "password"),
        ("https://photos.example:22/1", "port 22"),
        ("https://photos.example:port/1", "no address"),
        ("https://[::1/1", "no address"),
        ("https://nowhere.example/1", "no nowhere.example"),
        ("https://" + 70 * "ü" + ".example/1", "no address"),
    ],
)
def test_what_is_no_public_https_address_is_refused(get, url: str, word: str):
    refused(get, url, word)


@pytest.mark.parametrize(
    "url",
    ["https://127.0.0.1/", "https://2130706433/", "https://0x7f.1/", "https://localhost/", "https://[::1]/"],
)
def test_the_loopback_is_refused_however_it_is_written(url: str):
    refused(fetch, url, "no public host")


def test_size_and_kind_are_limited(site: Site, get, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("DLCORE_MAX_UPLOAD_MB", "1")
    large = bytes(2**20 + 1)

    def endless(request: BaseHTTPRequestHandler) -> None:
        request.send_response(200)
        request.end_headers()
        while True:
            request.wfile.write(large)

    site.pages |= {
        "/large": gives(large),
        "/endless": endless,
        "/page": gives(b"\n<!DOCTYPE html><html>"),
        "/gone": gives(b"", 404),
    }
    refused(get, f"https://{HOST}/large", "more than 1 MB")
    refused(get, f"https://{HOST}/endless", "more than 1 MB")
    refused(get, f"https://{HOST}/page", "web page")
    refused(get, f"https://{HOST}/gone", "404")


def test_a_server_that_drips_is_cut_off(site: Site, get):
    def drip(request: BaseHTTPRequestHandler) -> None:
        request.send_response(200)
        request.send_header("Content-Length", "100000")
        request.end_headers()
        for _ in range(100):
            request.wfile.write(b"x")
            time.sleep(0.05)

    site.pages["/drip"] = drip
    began = time.monotonic()
    refused(get, f"https://{HOST}/drip", "longer than", seconds=0.4)
    assert time.monotonic() - began < 3


def test_a_picture_that_broke_off_is_not_taken(site: Site, get):
    def cut(request: BaseHTTPRequestHandler) -> None:
        gives(PICTURE, Content_Length="5000")(request)
        request.close_connection = True

    site.pages["/cut"] = cut
    refused(get, f"https://{HOST}/cut", "broke off")


def test_a_silent_name_server_ends_with_the_time_limit(get):
    forever = threading.Event()
    refused(get, f"https://{HOST}/1", "longer than", resolve=lambda _: forever.wait(5) or [], seconds=0.2)
    forever.set()


def test_a_certificate_of_another_name_is_refused(site: Site, get):
    refused(get, "https://other.example/1", "certificate", resolve=lambda _: ["127.0.0.1"])
    assert not site.log
