"""The way out over HTTP. Every dependency has its own limits: a slow one costs time, not the service."""

import http.client
import logging
import random
import ssl
import threading
import time
from collections import deque
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

from . import forms
from .envelope import Unavailable
from .telemetry import Telemetry, trace_headers

log = logging.getLogger("client")


class Rejected(Exception):
    """The other one says no."""


class Timeout(Unavailable):
    """No answer came in time. What was asked for may have happened."""


class Failure(Exception):
    """An answer came that says neither yes nor no, and trying again would not help."""


class BadAnswer(Unavailable):
    """An answer came that says neither yes nor no."""


@dataclass(frozen=True, kw_only=True)
class Limits:
    """What may be spent on a dependency. Times are in seconds."""

    timeout: float = 2.0
    failures: int = 5  # so many of the last calls open the breaker
    of: int = 10
    open: float = 10.0
    bulkhead: int = 64


_LARGEST = 4 << 20


class Dependency:
    """Somebody whom this service asks; one for each operation that has limits of its own."""

    def __init__(self, name: str, url: str, limits: Limits, telemetry: Telemetry):
        self.name, self.limits, self._telemetry = name, limits, telemetry
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ValueError(f"the URL of {name} must be http://host or https://host")  # it may hold a password
        self._url = parts
        self._tls = ssl.create_default_context() if parts.scheme == "https" else None
        self.breaker = Breaker(limits)
        self._places = threading.BoundedSemaphore(limits.bulkhead)
        states = {CLOSED: 0, HALF_OPEN: 1, OPEN: 2}
        telemetry.gauge("dependency_breaker_state", "0: closed, 1: half-open, 2: open.", lambda: states[self.breaker.state], dependency=name)

    def ask(self, method: str, path: str, input: dict[str, Any], key: str) -> Any:
        """Asks, and returns the answer's JSON. Wildcards of the path are filled from the input; what is left is the body or the query."""
        result = "failed"
        try:
            answer = self._guarded(method, path, input, key)
            result = "ok"
            return answer
        except Rejected:
            result = "rejected"
            raise
        except Timeout:
            result = "timeout"
            raise
        except BadAnswer:
            raise
        except Unavailable:
            result = "unavailable"
            raise
        finally:
            self._telemetry.calls.labels(self.name, result).inc()

    def _guarded(self, method: str, path: str, input: dict[str, Any], key: str) -> Any:
        path, body = _spread(self.name, method, path, dict(input))
        if not self._places.acquire(timeout=self.limits.timeout):
            raise Unavailable(f"{self.name} is not available: too many requests to it are under way")
        try:
            spell = self.breaker.enter(self.name)
            failed: bool | None = None
            try:
                answer = self._try(method, path, body, key)
                failed = False
                return answer
            except Unavailable:
                failed = True
                raise
            except (Rejected, Failure):
                failed = False
                raise
            finally:
                if self.breaker.leave(spell, failed):
                    log.warning("breaker changed", extra={"dependency": self.name, "to": self.breaker.state})
        finally:
            self._places.release()

    def _try(self, method: str, path: str, body: bytes | None, key: str) -> Any:
        headers = {"Accept": "application/json", "Idempotency-Key": quote(key, safe="$&+=:@"), **trace_headers()}
        if body is not None:
            headers["Content-Type"] = "application/json"
        until = time.monotonic() + self.limits.timeout
        sent = False
        connection = self._connect()
        try:
            connection.connect()
            sent = True
            connection.request(method, self._url.path.rstrip("/") + path, body, headers)
            response = connection.getresponse()
            data = _read(connection, response, until)
        except TimeoutError as e:
            raise Timeout(f"{self.name} did not answer in time") from e
        except (OSError, http.client.HTTPException) as e:
            why = "the connection broke" if sent else "it cannot be reached"
            raise Unavailable(f"{self.name} is not available: {why}") from e
        finally:
            connection.close()
        return self._judge(response, data)

    def _connect(self) -> http.client.HTTPConnection:
        host, port = self._url.hostname or "", self._url.port
        if self._tls:
            return http.client.HTTPSConnection(host, port, timeout=self.limits.timeout, context=self._tls)
        return http.client.HTTPConnection(host, port, timeout=self.limits.timeout)

    def _judge(self, response: http.client.HTTPResponse, data: bytes) -> Any:
        """Tells what an answer means: yes, no, or trouble."""
        status = response.status
        if len(data) > _LARGEST:
            raise BadAnswer(f"{self.name}: its answer is too large")
        if 200 <= status < 300:
            try:
                return forms.loads(data) if data else {}
            except forms.Problems as e:
                raise BadAnswer(f"{self.name}: its answer could not be read: {e}") from e
        code, detail = _problem(data)
        if status in (408, 504):
            raise Timeout(f"{self.name} did not answer in time")
        if status in (429, 503):
            raise Unavailable(f"{self.name} is not available: it says so")
        if status >= 500:
            raise BadAnswer(f"{self.name} answered {status}: {code}")
        if status < 400 or status in (401, 405, 406, 407, 413, 415, 428):
            raise Failure(f"{self.name} answered {status}: {code}")  # the request is not what the two have agreed on
        raise Rejected(f"{code or 'Rejected'}: {detail}")


def _read(connection: http.client.HTTPConnection, response: http.client.HTTPResponse, until: float) -> bytes:
    data = bytearray()
    while len(data) <= _LARGEST:
        left = until - time.monotonic()
        if left <= 0:
            raise TimeoutError
        if connection.sock:
            connection.sock.settimeout(left)
        part = response.read1(1 << 16)
        if not part:
            break
        data += part
    return bytes(data)


def _problem(data: bytes) -> tuple[str, str]:
    try:
        told = forms.loads(data)
    except forms.Problems:
        return "", ""  # a page of HTML from something in between
    if not isinstance(told, dict):
        return "", ""
    code, detail = (str(told.get(k) or "") for k in ("code", "detail"))
    return (code if len(code) <= 64 else ""), (detail or str(told.get("title") or ""))[:300]


def _spread(name: str, method: str, path: str, input: dict[str, Any]) -> tuple[str, bytes | None]:
    parts = path.split("/")
    for i, part in enumerate(parts):
        if not part.startswith("{"):
            continue
        value = _plain(input.pop(part[1:-1], None))
        if not value:
            raise Failure(f"{name}: the input has no {part[1:-1]} for the path")
        parts[i] = quote(value, safe="$&+=:@")
    path = "/".join(parts)
    if method not in ("GET", "HEAD", "DELETE"):
        return path, forms.dumps(input).encode()
    query = {k: text for k, v in input.items() if (text := _plain(v)) not in ("", "[]", "{}")}
    return path + ("?" + urlencode(query) if query else ""), None


def _plain(value: Any) -> str:
    """A value as text in a URL."""
    if value is None:
        return ""
    return value if isinstance(value, str) else forms.dumps(value)


CLOSED, HALF_OPEN, OPEN = "closed", "half-open", "open"


class Breaker:
    """Leaves a dependency alone for a while when too many of the last calls failed, and then lets through one at a time until one goes well."""

    def __init__(self, limits: Limits):
        self._limits, self._lock = limits, threading.Lock()
        self._ahead = 0.0  # how much time has passed besides, in tests
        self.reset()

    def reset(self) -> None:
        """Begins anew."""
        self._last: deque[bool] = deque(maxlen=max(self._limits.of, self._limits.failures))
        self._rest, self._trial, self._under, self._spell = 0.0, False, 0, getattr(self, "_spell", 0) + 1

    def passed(self, seconds: float) -> None:
        """Has time pass, in tests."""
        self._ahead += seconds

    def _left(self) -> float:
        return self._rest - time.monotonic() - self._ahead

    @property
    def state(self) -> str:
        if self._rest and self._left() > 0:
            return OPEN
        return HALF_OPEN if self._trial else CLOSED

    def enter(self, name: str) -> int:
        with self._lock:
            state = self.state
            if state == OPEN or state == HALF_OPEN and self._under:
                raise Unavailable(f"{name} is not available: its breaker is {state}")
            self._under += 1
            return self._spell

    def leave(self, spell: int, failed: bool | None) -> bool:
        """Takes into account how a call went, None: it says nothing. True: the breaker changed."""
        with self._lock:
            if spell != self._spell:
                return False  # of before it opened
            self._under -= 1
            if failed is None:
                return False
            self._last.append(failed)
            if failed and (self._trial or sum(self._last) >= self._limits.failures):
                self._open()
                return True
            changed = self._trial and not failed
            if changed:
                self._trial, self._rest = False, 0.0
            return changed

    def _open(self) -> None:
        self._last.clear()
        self._spell += 1
        self._under, self._trial = 0, True
        self._rest = time.monotonic() + self._ahead + self._limits.open * random.uniform(0.95, 1.05)
