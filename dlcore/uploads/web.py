"""A picture from an address on the web: https alone, from public hosts alone, within limits of size and time.

The address comes from a stranger, and this machine may reach what the stranger cannot: so every address that a
name stands for is checked, the connection goes to one that was checked, and a redirect is a new address.
"""

from __future__ import annotations

import contextlib
import http.client
import ipaddress
import queue
import socket
import ssl
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import SplitResult, quote, urljoin, urlsplit

from dlcore.decoding.formats import ImageError
from dlcore.settings import settings

SECONDS = 10.0
"""From the request to the last byte, redirects included."""
REDIRECTS = 5
AT_ONCE = threading.Semaphore(8)
"""Pictures that are fetched at a time, of all visitors."""
NAT64 = ipaddress.ip_network("64:ff9b::/96")
PIECE = 2**16


def public(address: str) -> bool:
    """Whether an IP address is one of the open internet, also where an IPv6 address holds one of IPv4."""
    ip = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(ip, ipaddress.IPv6Address):
        if ip.sixtofour or ip.teredo:
            return False
        if ip.ipv4_mapped:
            return public(str(ip.ipv4_mapped))
        if ip in NAT64:
            return public(str(ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)))
    return ip.is_global and not (ip.is_multicast or ip.is_reserved or ip.is_unspecified)


def resolve(host: str) -> list[str]:
    """All IP addresses of a name. Raises OSError."""
    return [str(row[4][0]) for row in socket.getaddrinfo(host, 443, type=socket.SOCK_STREAM)]


@dataclass(frozen=True)
class Web:
    """How the web is reached. Tests put a server of their own in its place."""

    resolve: Callable[[str], list[str]] = resolve
    allowed: Callable[[str], bool] = public
    port: int = 443
    """The only one: others belong to other services."""
    trust: Callable[[], ssl.SSLContext] = ssl.create_default_context
    seconds: float = SECONDS


def fetch(url: str, web: Web | None = None) -> bytes:
    """What an address gives, at most ``DLCORE_MAX_UPLOAD_MB``. Raises ImageError, which says why not in one line."""
    web = web or Web()
    if not AT_ONCE.acquire(timeout=2):
        raise ImageError("Too many pictures are being fetched: try again in a few seconds.")
    try:
        deadline = time.monotonic() + web.seconds
        for _ in range(REDIRECTS + 1):
            answer = _request(_parsed(url.strip(), web), web, deadline)
            if isinstance(answer, bytes):
                return answer
            url = urljoin(url, answer)
        raise ImageError(f"The address leads on more than {REDIRECTS} times: use the picture's own address.")
    finally:
        AT_ONCE.release()


def _parsed(url: str, web: Web) -> SplitResult:
    try:
        parts = urlsplit(url)
        port = parts.port or web.port
    except ValueError as error:
        raise ImageError(
            "This is no address: copy the picture's address, which begins with https://."
        ) from error
    if parts.scheme != "https" or not parts.hostname:
        raise ImageError("The address has to begin with https://: copy the picture's own address.")
    if parts.username is not None or parts.password is not None:
        raise ImageError("The address holds a user's name or password: use one that needs none.")
    if port != web.port:
        raise ImageError(f"The address names port {port}; only the usual one of https is used: leave it out.")
    return parts


def _request(parts: SplitResult, web: Web, deadline: float) -> bytes | str:
    """The content, or the address that a redirect names."""
    host = _ascii(parts.hostname or "")
    address = _checked(host, web, deadline)
    connection = _Connection(host, address, web, deadline)
    clock = threading.Timer(max(0.01, deadline - time.monotonic()), connection.cut)
    clock.daemon = True
    clock.start()
    try:
        path = _quoted((parts.path or "/") + (f"?{parts.query}" if parts.query else ""))
        connection.request(
            "GET", path, headers={"Accept": "image/*", "User-Agent": "Mozilla/5.0 (DeepLearningStudio)"}
        )
        return _answer(connection.getresponse(), host, deadline)
    except ImageError:
        raise
    except ssl.SSLCertVerificationError as error:
        raise ImageError(f"The certificate of {host} is not valid: use another address.") from error
    except (OSError, http.client.HTTPException, ValueError) as error:
        if time.monotonic() >= deadline:
            raise _too_slow(host, web) from error
        raise ImageError(f"{host} could not be reached: check the address and try again.") from error
    finally:
        clock.cancel()
        connection.close()


def _answer(response: http.client.HTTPResponse, host: str, deadline: float) -> bytes | str:
    if response.status in (301, 302, 303, 307, 308) and (target := response.headers.get("Location")):
        return target
    if response.status != 200:
        raise ImageError(f"{host} answered {response.status}: open the address in a browser and check it.")
    most = settings().max_upload_mb * 2**20
    too_large = ImageError(f"The picture has more than {most / 2**20:.0f} MB: use a smaller one.")
    if (response.length or 0) > most:
        raise too_large
    content = bytearray()
    while piece := response.read1(PIECE):
        content += piece
        if len(content) > most:
            raise too_large
    if time.monotonic() >= deadline:
        raise TimeoutError
    if response.length:
        raise ImageError(f"{host} broke off before the picture was complete: try again.")
    if content[:512].lstrip().lower().startswith((b"<!doctype", b"<html")):
        raise ImageError(
            "The address gives a web page, not a picture: open the picture and copy its own address."
        )
    return bytes(content)


def _checked(host: str, web: Web, deadline: float) -> str:
    """An IP address of a host of which all are allowed."""
    done: queue.Queue[list[str]] = queue.Queue()

    def look_up() -> None:  # a silent name server outlasts any time limit
        try:
            done.put(web.resolve(host))
        except (OSError, UnicodeError):
            done.put([])

    threading.Thread(target=look_up, daemon=True).start()
    try:
        addresses = done.get(timeout=max(0.01, deadline - time.monotonic()))
    except queue.Empty:
        raise _too_slow(host, web) from None
    if not addresses:
        raise ImageError(f"There is no {host} to be found: check the address.")
    if not all(map(web.allowed, addresses)):
        raise ImageError(f"{host} is no public host: only pictures of the open internet are fetched.")
    return addresses[0]


class _Connection(http.client.HTTPSConnection):
    """To an address that was checked, in the name of its host."""

    def __init__(self, host: str, address: str, web: Web, deadline: float):
        self.address, self.trust = address, web.trust()
        self.line: ssl.SSLSocket | None = None  # an answer reads from it after ``sock`` has been let go
        super().__init__(host, web.port, timeout=max(0.01, deadline - time.monotonic()), context=self.trust)

    def connect(self) -> None:
        plain = socket.create_connection((self.address, self.port), self.timeout)
        # Apart, so that the handshake can be cut too.
        self.sock = self.line = self.trust.wrap_socket(
            plain, server_hostname=self.host, do_handshake_on_connect=False
        )
        self.line.do_handshake()

    def cut(self) -> None:
        """End whatever waits for this connection."""
        if self.line:
            with contextlib.suppress(OSError):
                self.line.shutdown(socket.SHUT_RDWR)


def _too_slow(host: str, web: Web) -> ImageError:
    return ImageError(
        f"{host} took longer than {web.seconds:.0f} s: try again or save the picture and upload it."
    )


def _ascii(host: str) -> str:
    try:
        return host.encode("ascii").decode() if host.isascii() else host.encode("idna").decode()
    except UnicodeError as error:
        raise ImageError(
            "This is no address: copy the picture's address, which begins with https://."
        ) from error


def _quoted(path: str) -> str:
    """A path in which nothing but ASCII goes over the line."""
    return quote(path, safe="/?&=%:@!$'()*+,;~-._#[]")
