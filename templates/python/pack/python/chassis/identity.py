"""Who asks: by the token of an identity provider, or by headers that are believed during development."""

import threading
import time
import urllib.request
from collections.abc import Callable, Iterable, Mapping
from typing import Any
from urllib.parse import urlsplit

import jwt

from . import forms, values
from .envelope import Actor

Headers = Mapping[str, str]


class NoIdentity(Exception):
    """The request does not say who asks."""


class BadIdentity(Exception):
    """The request does not prove who asks."""


class Unverifiable(Exception):
    """Who asks cannot be verified now."""


class DenyAll:
    """Knows nobody: what a service does that was not told how to recognise its actors."""

    challenge = "Bearer"

    def authenticate(self, headers: Headers) -> Actor:
        raise NoIdentity

    def check(self) -> None:
        pass


class DevHeaders(DenyAll):
    """Believes what a request says."""

    challenge = "DevHeaders"

    def __init__(self, claims: Iterable[str] = ()):
        self._claims = list(claims)

    def authenticate(self, headers):
        subject = headers.get("x-actor-id", "")
        if not subject:
            raise NoIdentity
        if values.id_problem(subject):
            raise BadIdentity
        roles = [r.strip() for r in headers.get("x-actor-roles", "").split(",") if r.strip()]
        said = {name: text for name in self._claims if (text := headers.get("x-actor-claim-" + name.lower())) is not None}
        return Actor(subject=subject, roles=roles, claims=said)


_ALGORITHMS = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"]
_LEEWAY = 30
_KEYS_LAST, _FIRST_AGAIN, _KEYS_AGAIN = 3600.0, 1.0, 30.0  # a stranger can name any key


class Tokens(DenyAll):
    """Verifies tokens: issuer, audience, expiry, and a signature by one of the issuer's keys."""

    def __init__(self, issuer: str, audience: str, jwks: str, roles: str, claims: Iterable[str]):
        for url in (issuer, jwks):
            if url and (urlsplit(url).scheme not in ("http", "https") or not urlsplit(url).hostname):
                raise ValueError("OIDC_ISSUER, and JWKS_URL where it is set, must be https://host or http://host")
        if not issuer or not audience:
            raise ValueError("with AUTH=jwt, OIDC_ISSUER and OIDC_AUDIENCE must be set")
        self._issuer, self._audience, self._jwks, self._roles, self._claims = issuer, audience, jwks, roles, list(claims)
        self._keys: dict[str, jwt.PyJWK] = {}
        self._lock = threading.Lock()
        self._asked = self._got = -_KEYS_LAST

    def authenticate(self, headers):
        said = headers.get("authorization")
        if said is None:
            raise NoIdentity
        scheme, _, token = said.partition(" ")
        if scheme.lower() != "bearer":
            raise BadIdentity
        try:
            header = jwt.get_unverified_header(token.strip())
            if "crit" in header or header.get("alg") not in _ALGORITHMS:
                raise BadIdentity
            told = jwt.decode(
                token.strip(), self._key(header.get("kid", "")), algorithms=[header["alg"]], audience=self._audience, issuer=self._issuer,
                leeway=_LEEWAY, options={"require": ["exp"]},
            )  # fmt: skip
        except jwt.PyJWTError as e:
            raise BadIdentity from e
        subject = told.get("sub")
        if not isinstance(subject, str) or values.id_problem(subject):
            raise BadIdentity
        claims = {name: told[name] for name in self._claims if name in told}
        return Actor(subject=subject, roles=_roles(told, self._roles), claims=claims)

    def check(self):
        """Whether the issuer's keys are known."""
        self._known()

    def _key(self, kid: str) -> jwt.PyJWK:
        keys = self._known()
        if kid not in keys:
            self._ask(_KEYS_AGAIN)
            keys = self._keys
        if not kid and len(keys) == 1:
            return next(iter(keys.values()))
        if kid not in keys:
            raise BadIdentity
        return keys[kid]

    def _known(self) -> dict[str, jwt.PyJWK]:
        if not self._keys or time.monotonic() - self._got >= _KEYS_LAST:  # one may have been taken back
            self._ask(_FIRST_AGAIN if not self._keys else _KEYS_AGAIN)
        if not self._keys:
            raise Unverifiable
        return self._keys

    def _ask(self, again: float) -> None:
        with self._lock:
            if time.monotonic() - self._asked < again:
                return
            self._asked = time.monotonic()
            try:
                found = {}
                for key in _get(self._where())["keys"]:
                    if key.get("kty") != "oct" and key.get("use", "sig") == "sig":
                        try:
                            found[key.get("kid", "")] = jwt.PyJWK(key)
                        except jwt.PyJWTError:
                            continue  # of a kind that is not known here
                if found:
                    self._keys, self._got = found, self._asked
            except (OSError, ValueError, KeyError, TypeError, AttributeError, forms.Problems):
                return  # the known ones must do

    def _where(self) -> str:
        if self._jwks:
            return self._jwks
        about = _get(self._issuer.rstrip("/") + "/.well-known/openid-configuration")
        if about["issuer"] != self._issuer or urlsplit(about["jwks_uri"]).scheme not in ("http", "https"):
            raise ValueError("the discovery document is another issuer's, or names no keys")
        return about["jwks_uri"]


def _get(url: str) -> Any:
    with urllib.request.urlopen(url, timeout=5) as answer:
        return forms.loads(answer.read(1 << 20))


def _roles(claims: dict[str, Any], path: str) -> list[str]:
    """The roles of a token: a claim, or one at a path with dots."""
    value: Any = claims
    for name in [path] if path in claims else path.split("."):
        value = value.get(name) if isinstance(value, dict) else None
    if isinstance(value, str):
        return value.split()
    return [r for r in value if isinstance(r, str)] if isinstance(value, list) else []


# Claims: what else a token says of an actor. What it does not say, or says otherwise than it should, is absent.

def claim_text(claims: Mapping[str, Any], name: str) -> str | None:
    value = claims.get(name)
    return value if isinstance(value, str) else None


def claim_id(claims: Mapping[str, Any], name: str) -> str | None:
    text = claim_text(claims, name)
    return text if text is not None and not values.id_problem(text) else None


def claim_int(claims: Mapping[str, Any], name: str) -> int | None:
    """A whole number, or the digits of one."""
    value = claims.get(name)
    try:
        return None if isinstance(value, bool) else forms.INT.parse(str(value))
    except forms.Problems:
        return None


def claim_bool(claims: Mapping[str, Any], name: str) -> bool | None:
    value = claims.get(name)
    return {"true": True, "false": False}.get(value) if isinstance(value, str) else value if isinstance(value, bool) else None


def claim_texts(claims: Mapping[str, Any], name: str) -> list[str]:
    """A list of texts, or words with blanks or commas between them."""
    value = claims.get(name)
    if isinstance(value, str):
        return [word for word in value.replace(",", " ").split(" ") if word]
    return [v for v in value if isinstance(v, str)] if isinstance(value, list) else []


class Claiming(DenyAll):
    """Does not believe a role of somebody who has not got the claims that go with it."""

    def __init__(self, by: DenyAll, complete: Mapping[str, Callable[[Mapping[str, Any]], bool]]):
        self._by, self._complete, self.challenge = by, complete, by.challenge

    def authenticate(self, headers):
        actor = self._by.authenticate(headers)
        roles = [r for r in actor.roles if r not in self._complete or self._complete[r](actor.claims)]
        return Actor(subject=actor.subject, roles=roles, claims=actor.claims)

    def check(self):
        self._by.check()
