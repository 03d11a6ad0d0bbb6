"""The way in over HTTP: routes, who may use them, and what is answered when something is wrong (RFC 9457)."""

import base64
import hashlib
import logging
import posixpath
import re
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qs, quote, unquote, urlencode

from . import forms, identity
from .envelope import Actor, Unavailable, roles
from .forms import Problem
from .store import Outage
from .table import BadQuery, NotFound
from .telemetry import Telemetry, trace_id, traced
from .values import Fault, id_problem, is_text

log = logging.getLogger("web")


class Refused(Exception):
    """A request that is answered with a problem."""

    def __init__(self, status: int, code: str, detail: str, errors: Iterable[Problem] = (), retry_after: int = 0):
        super().__init__(f"{code}: {detail}")
        self.status, self.code, self.detail, self.errors, self.retry_after = status, code, detail, list(errors), retry_after


def invalid(problems: Iterable[Problem]) -> Refused:
    return Refused(400, "invalid", "the request is not well-formed; see errors", problems)


def later(code: str, detail: str) -> Refused:
    """What may work a moment later."""
    return Refused(503, code, detail, retry_after=1)


@dataclass
class Request:
    method: str
    path: str  # as it was sent, escaped
    query: str
    headers: dict[str, str]  # by names in small letters
    body: Callable[[], bytes]
    parts: list[str] = field(default_factory=list)  # of the path, unescaped
    names: dict[str, str] = field(default_factory=dict)  # parts that a route has names for

    @property
    def prefix(self) -> str:
        """The path of a gateway below which the request came."""
        text = self.headers.get("x-forwarded-prefix", "")
        return text if re.fullmatch(r"(/(?!\.)[A-Za-z0-9._~-]{1,64}){1,4}", text) else ""

    def outside(self, path: str) -> str:
        """A path of this service, or of one beside it ("../pay/…"), as those who ask know it; "": it is not for this service to say."""
        if path.startswith("/"):
            return self.prefix + path
        if not path.startswith("../"):
            return path
        return posixpath.dirname(self.prefix).rstrip("/") + "/" + path.removeprefix("../") if self.prefix else ""

    def json(self) -> Any:
        if self.headers.get("content-type", "application/json").partition(";")[0].strip() != "application/json":
            raise Refused(415, "unsupported-media", "the body must be application/json")
        try:
            return forms.loads(self.body(), depth=32)
        except forms.Problems as e:
            raise invalid(e.list) from None


@dataclass
class Response:
    status: int = 200
    body: bytes = b""
    type: str = "application/json"
    headers: dict[str, str] = field(default_factory=dict)


def answer(data: Any, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    return Response(status, forms.dumps(data).encode(), headers=headers or {})


def tagged(request: Request, data: Any) -> Response:
    """Answers with a tag of what is answered; whoever has it already is not told again."""
    out = answer(data, headers={"Cache-Control": "private, no-cache"})
    tag = '"' + base64.urlsafe_b64encode(hashlib.sha256(out.body).digest()[:12]).decode() + '"'
    out.headers["ETag"] = tag
    known = [t.strip().removeprefix("W/") for t in request.headers.get("if-none-match", "").split(",")]
    return Response(304, headers=out.headers) if tag in known or "*" in known else out


Handler = Callable[[Request, Actor], Response]


@dataclass(frozen=True)
class _Route:
    method: str
    pattern: list[str]
    handle: Handler
    roles: Sequence[str] | None  # None: for everybody who reaches it
    text: str

    def match(self, parts: list[str]) -> dict[str, str] | None:
        if len(parts) != len(self.pattern):
            return None
        names = {}
        for want, part in zip(self.pattern, parts, strict=True):
            if want.startswith("{"):
                if not part:
                    return None
                names[want[1:-1]] = part
            elif want != part:
                return None
        return names


class Router:
    """The routes of one listener, as a WSGI application."""

    def __init__(self, telemetry: Telemetry, by: identity.DenyAll, internal: bool = False, largest: int = 1 << 20, most: int = 512):
        self._telemetry, self._by, self._internal, self._largest = telemetry, by, internal, largest
        self._places = threading.BoundedSemaphore(most)
        self._routes: list[_Route] = []
        self.open: Callable[[str], None] = lambda path: None  # raises Refused while requests are not taken

    def add(self, pattern: str, handle: Handler, roles: Sequence[str] | None = None) -> None:
        """Adds a route for roles: "GET /views/orders/{orderId}". Without any nobody may use it, and there is none."""
        method, _, path = pattern.partition(" ")
        if roles is None or roles:
            self._routes.append(_Route(method, path.split("/")[1:], handle, roles, pattern))

    def __call__(self, environ: dict, start_response: Callable) -> Iterable[bytes]:
        began = time.monotonic()
        request = _request(environ, self._largest)
        with traced(request.headers.get("traceparent", ""), request.headers.get("tracestate", "")):
            route, response = self._serve(request)
            took = time.monotonic() - began
            if not self._internal or response.status >= 500:
                about = {"method": request.method, "route": route, "status": response.status, "took": round(took, 6)}
                log.log(logging.ERROR if response.status >= 500 and response.status != 503 else logging.INFO, "request", extra=about)
            self._telemetry.requests.labels(request.method if request.method in _METHODS else "other", response.status, route).observe(took)
            headers = {
                "Content-Type": response.type,
                "Content-Length": str(len(response.body)),
                "X-Trace-Id": trace_id(),
                "X-Content-Type-Options": "nosniff",
                "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
                "Referrer-Policy": "no-referrer",
                "Cache-Control": "no-store",
                **response.headers,
            }
        if response.status in (204, 304):
            del headers["Content-Type"], headers["Content-Length"]
        start_response(f"{response.status} {_title(response.status)}", list(headers.items()))
        return [b"" if request.method == "HEAD" else response.body]

    def _serve(self, request: Request) -> tuple[str, Response]:
        route = "none"
        if not self._places.acquire(blocking=False):
            return route, _problem(request, later("overloaded", "the service has as much to do as it can"))
        try:
            self.open(request.path)
            found = self._find(request)
            route = found.text
            return route, found.handle(request, self._identify(request, found))
        except Exception as e:
            refused = _refused(e)
            if refused.status >= 500:
                log.warning("request failed", extra={"route": route, "code": refused.code, "error": repr(e)}, exc_info=refused.code == "internal")
            return route, _problem(request, refused, self._by.challenge)
        finally:
            self._places.release()

    def _find(self, request: Request) -> _Route:
        path = request.path
        if not path.startswith("/") or path != "/" and posixpath.normpath(path) != path.rstrip("/") or path.startswith("//"):
            raise _nothing()
        request.parts = [unquote(p, errors="surrogateescape") for p in path.split("/")[1:]]
        methods = set()
        for route in self._routes:
            names = route.match(request.parts)
            if names is None:
                continue
            if route.method == request.method or route.method == "GET" and request.method == "HEAD":
                request.names = names
                return route
            methods |= {route.method, "HEAD"} if route.method == "GET" else {route.method}
        if methods:
            raise _OtherMethod(sorted(methods), request.method)
        raise _nothing()

    def _identify(self, request: Request, route: _Route) -> Actor:
        if self._internal:
            return _on_behalf(request)
        if route.roles is None:
            return Actor()
        actor = self._by.authenticate(request.headers)
        if not set(actor.roles) & set(route.roles):
            raise Refused(403, "forbidden", "this is for others")
        return actor


_METHODS = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}


class _OtherMethod(Refused):
    def __init__(self, methods: list[str], method: str):
        super().__init__(405, "method-not-allowed", "the path does not know this method")
        self.allow = ", ".join([*methods, "OPTIONS"])
        if method == "OPTIONS":
            self.status = 204


def _nothing() -> Refused:
    return Refused(404, "not-found", "there is nothing here")


def _refused(e: Exception) -> Refused:
    """What is answered to an error. One that is not meant for strangers tells nothing; the log has it."""
    match e:
        case Refused():
            return e
        case identity.NoIdentity():
            return Refused(401, "unauthorized", "the request does not say who asks")
        case identity.BadIdentity():
            return Refused(401, "unauthorized", "the request does not prove who asks")
        case identity.Unverifiable():
            return later("unavailable", "who asks cannot be verified now")
        case forms.Problems():
            return invalid(e.list)
        case BadQuery():
            return invalid([Problem(e.pointer, "format", str(e))]) if e.pointer else Refused(400, "invalid", str(e))
        case NotFound():
            return _nothing()
        case Fault():
            return Refused(500, "model-error", "the model has no answer to this request; nothing was stored")
        case Outage() | Unavailable():
            return later("unavailable", "something this service needs is not available")
    return Refused(500, "internal", "something went wrong")


def _problem(request: Request, e: Refused, challenge: str = "") -> Response:
    headers = {}
    if isinstance(e, _OtherMethod):
        headers["Allow"] = e.allow
        if e.status == 204:
            return Response(204, headers=headers)
    if e.retry_after:
        headers["Retry-After"] = str(e.retry_after)
    if e.status == 401 and challenge:
        headers["WWW-Authenticate"] = challenge
    told: dict[str, Any] = {"type": "about:blank", "title": _title(e.status), "status": e.status, "detail": e.detail}
    told |= {"instance": request.outside(request.path), "code": e.code, "traceId": trace_id()}
    if e.errors:
        told["errors"] = [{"pointer": p.pointer, "code": p.code, "message": p.message} for p in e.errors]
    return Response(e.status, forms.dumps(told).encode(), "application/problem+json", headers)


def _title(status: int) -> str:
    return HTTPStatus(status).phrase


def _request(environ: dict, largest: int) -> Request:
    headers = {k[5:].replace("_", "-").lower(): v for k, v in environ.items() if k.startswith("HTTP_")}
    for name in ("CONTENT_TYPE", "CONTENT_LENGTH"):
        if environ.get(name):
            headers[name.replace("_", "-").lower()] = environ[name]
    path = environ.get("REQUEST_URI", "").partition("?")[0] or quote(environ.get("PATH_INFO", "").encode("latin-1"))

    def body() -> bytes:
        data = environ["wsgi.input"].read(largest + 1)
        if len(data) > largest:
            raise Refused(413, "too-large", "the body is too large")
        return data

    return Request(environ["REQUEST_METHOD"], path, environ.get("QUERY_STRING", ""), headers, body)


def _on_behalf(request: Request) -> Actor:
    """The actor of a request between services: the one it is made for, passed on by a system."""
    try:
        subject = unquote(request.headers.get("esgen-actor", ""), errors="strict")
        passed = roles(request.headers.get("esgen-actor-roles", ""))
    except UnicodeDecodeError:
        raise Refused(400, "invalid", "the header Esgen-Actor is malformed") from None
    if subject and id_problem(subject):
        raise Refused(400, "invalid", "the header Esgen-Actor is malformed")
    return Actor(subject=subject, roles=passed, system=True)


class Params:
    """The parameters of a request: what is left belongs to the route."""

    def __init__(self, request: Request):
        self.problems: list[Problem] = []
        try:
            self.rest = parse_qs(request.query, keep_blank_values=True, strict_parsing=bool(request.query), errors="strict")
        except ValueError:
            self.rest = {}
            self.report("", "syntax", "the query of the URL is malformed")

    def report(self, name: str, code: str, message: str) -> None:
        pointer = "/" + name[:64].replace("~", "~0").replace("/", "~1") if name else ""
        self.problems.append(Problem(pointer, code, message))

    def take(self, name: str) -> str:
        texts = self.rest.pop(name, [""])
        if len(texts) > 1:
            self.report(name, "duplicate", "is there twice")
        return texts[0]

    def parse(self, name: str, form: forms.Form, text: str) -> Any:
        try:
            return form.parse(text)
        except forms.Problems as e:
            self.report(name, e.list[0].code, e.list[0].message)

    def done(self) -> None:
        """Refuses what is wrong, and what nobody took."""
        for name in sorted(self.rest):
            self.report(name, "unknown", "is not known here")
        if self.problems:
            raise invalid(self.problems)


def plain(text: str) -> bool:
    """Whether a text has no characters that are none."""
    return is_text(text)


def linked(request: Request, path: str, **parameters: str) -> dict[str, str]:
    """A link of HAL to a path of this service; parameters take the place of those of the request."""
    query = {k: v[-1] for k, v in parse_qs(request.query, keep_blank_values=True).items()} | parameters if parameters else {}
    return {"href": request.outside(path) + ("?" + urlencode(sorted(query.items())) if query else "")}
