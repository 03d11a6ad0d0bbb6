"""The routes of views: rows, pages of rows, named queries, and what rows point to."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import quote, urlencode

from . import forms
from .envelope import Actor
from .forms import Form
from .store import Database
from .table import Ask, NotFound, Page, View
from .web import Handler, Params, Request, Response, Router, answer, linked, plain, tagged
from .where import Clause

Allow = Callable[[Any, Actor], bool]

_WAIT = 2.0  # for how long a reader waits for minVersion
_PAGE = ("cursor", "q", "sort", "limit", "minVersion")  # parameters that are never a field's
_DEFAULT, _MOST = 50, 200


@dataclass(frozen=True, kw_only=True)
class Query:
    """A named question to a view. Its condition is made of what is asked, who asks, and when."""

    path: str
    internal: str  # path at which other services ask
    roles: Sequence[str]
    input: type
    where: Callable[[Any, Actor, datetime], Clause | None]
    sort: Sequence[str] = ()  # attributes, "-" before descending ones
    allow: Allow | None = None  # None: the view's
    renamed: Sequence[str] = ()  # paths of before


@dataclass(frozen=True, kw_only=True)
class Reading:
    """How a view is read."""

    view: View
    path: str
    internal: str  # path at which other services read it
    roles: Sequence[str] = ()
    allow: Allow | None = None  # who may see a row; to the others it is not there
    links: Callable[[Any], Mapping[str, str]] | None = None
    queries: Sequence[Query] = ()
    renamed: Sequence[str] = ()  # paths of before

    def add_to(self, public: Router, internal: Router, database: Database, now: Callable[[], datetime]) -> None:
        routes = _Routes(self, database, now)
        key = "".join("/{" + self.view.members[k].name + "}" for k in self.view.key)
        for path in [self.path, *self.renamed]:
            public.add("GET " + path, routes.list, self.roles)
            public.add("GET " + path + key, routes.row, self.roles)
        internal.add("GET " + self.internal, routes.internal_list)
        internal.add("GET " + self.internal + "/rows" + key, routes.internal_row)
        for q in self.queries:
            for path in [q.path, *q.renamed]:
                public.add("GET " + path, routes.query(q), q.roles)
            internal.add("GET " + q.internal, routes.internal_query(q))
            internal.add("POST " + q.internal, routes.internal_query(q))


class _Routes:
    def __init__(self, of: Reading, database: Database, now: Callable[[], datetime]):
        self._of, self._view, self._database, self._now = of, of.view, database, now
        self._names = {m.name: m for m in of.view.members.values()}

    # Rows

    def row(self, request: Request, actor: Actor) -> Response:
        row = self._get(request)
        if self._of.allow and not self._of.allow(row, actor):
            raise NotFound  # who may not see it shall not know of it
        return tagged(request, self._shown(request, row, request.path))

    def internal_row(self, request: Request, actor: Actor) -> Response:
        return answer(forms.write(self._get(request)))

    def _get(self, request: Request) -> Any:
        params = Params(request)
        version = self._version(params)
        key = tuple(params.parse(m.name, m.form, request.names[m.name]) for m in (self._view.members[k] for k in self._view.key))
        params.done()
        return self._view.get(self._database, key, version, _WAIT if version else 0)

    def _version(self, params: Params) -> int:
        text = params.take("minVersion")
        if not text:
            return 0
        version = params.parse("minVersion", forms.INT, text)
        if version is not None and version < 0:
            params.report("minVersion", "type", "must be a version, a whole number")
        return version or 0

    def _shown(self, request: Request, row: Any, path: str | None) -> dict[str, Any]:
        """A row, with when and by whom, and where it leads, unless it has fields of these names."""
        links = {name: {"href": href} for name, to in (self._of.links(row) if self._of.links else {}).items() if (href := request.outside(to))}
        if path is not None:
            links["self"] = linked(request, path)
        out = {"meta": row.meta.json() if self._view.stamped else None, "_links": links}
        return forms.write(row) | {k: v for k, v in out.items() if k not in self._names and v is not None}

    # Pages

    def list(self, request: Request, actor: Actor) -> Response:
        page = self._view.page(self._database, self._listed(request))
        return self._page(request, page, actor, self._of.allow, self._path)

    def internal_list(self, request: Request, actor: Actor) -> Response:
        return _rows(self._view.page(self._database, self._listed(request)))

    def _listed(self, request: Request) -> Ask:
        params = Params(request)
        about = self._about(params)
        filters = {}
        for name in list(params.rest):
            field = name.removeprefix("row.")
            member = self._names.get(field)
            if member is None or (field in _PAGE) != name.startswith("row."):
                continue
            value = params.parse(name, member.form, params.take(name))
            if value is not None:
                filters[member.attribute] = value
        params.done()
        return Ask(filter=filters, **about)

    def _about(self, params: Params) -> dict[str, Any]:
        """What says which page is meant."""
        cursor, search, limit = params.take("cursor"), params.take("q"), params.take("limit")
        if len(cursor) > 4096 or not plain(cursor):
            params.report("cursor", "format", "is no cursor")
        if len(search) > 200 or not plain(search):
            params.report("q", "text", "is too long, or no text")
        most = _DEFAULT
        if limit:
            most = params.parse("limit", forms.INT, limit) or 0
            if most < 1:
                params.report("limit", "type", "must be a whole number from 1 on")
        return {"cursor": cursor, "search": search, "limit": min(most, _MOST), "sort": self._sort(params)}

    def _sort(self, params: Params) -> Sequence[str]:
        sort: dict[str, str] = {}
        for text in filter(None, (t.strip() for t in params.take("sort").split(","))):
            member = self._names.get(text.removeprefix("-"))
            if member is None or member.attribute in sort or len(sort) == 8:
                params.report("sort", "unknown", "must be names of fields, each once, with a - to sort downwards")
                break
            sort[member.attribute] = ("-" if text.startswith("-") else "") + member.attribute
        return tuple(sort.values())

    def _path(self, row: Any) -> str | None:
        return row_of(self._of.path, *(self._view.members[k].form.text(getattr(row, k)) for k in self._view.key)) or None

    def _page(self, request: Request, page: Page, actor: Actor, allow: Allow | None, path: Callable[[Any], str | None]) -> Response:
        rows = [row for row in page.rows if allow is None or allow(row, actor)]
        here = request.path + ("?" + request.query if request.query else "")
        out: dict[str, Any] = {"items": [self._shown(request, row, path(row)) for row in rows]}
        links, headers = {"self": {"href": request.outside(here)}}, {}
        if page.next:
            out["next"] = page.next
            links["next"] = linked(request, request.path, cursor=page.next)
            headers["Link"] = f'<{links["next"]["href"]}>; rel="next"'
        return answer(out | {"_links": links}, headers=headers)

    # Queries

    def query(self, q: Query) -> Handler:
        allow = q.allow or self._of.allow

        def handle(request: Request, actor: Actor) -> Response:
            page = self._view.page(self._database, self._asked(q, request, actor))
            return self._page(request, page, actor, allow, lambda row: None)

        return handle

    def internal_query(self, q: Query) -> Handler:
        return lambda request, actor: _rows(self._view.page(self._database, self._asked(q, request, actor)))

    def _asked(self, q: Query, request: Request, actor: Actor) -> Ask:
        params = Params(request)
        about = self._about(params)
        if request.method == "POST":
            params.done()
            given = forms.read(q.input, request.json(), strict=True)
        else:
            given = self._input(q, params)
        return Ask(where=q.where(given, actor, self._now()), default_sort=q.sort, **about)

    def _input(self, q: Query, params: Params) -> Any:
        found = {}
        for m in q.input.MEMBERS:  # type: ignore[attr-defined]
            if m.name not in params.rest:
                if m.default is None and not isinstance(m.form, forms.Optional | forms.List):
                    params.report(m.name, "required", "is missing")
                continue
            many = isinstance(m.form, forms.List)
            form: Form = m.form.of if many else m.form
            texts = params.rest.pop(m.name) if many else [params.take(m.name)]
            read = [params.parse(m.name, form, text) for text in texts]
            found[m.attribute] = read if many else read[0]
            if m.check is not None and not params.problems:
                try:
                    m.judge(found[m.attribute])
                except forms.Problems as e:
                    params.report(m.name, e.list[0].code, e.list[0].message)
        params.done()
        blanks = {m.attribute: [] for m in q.input.MEMBERS if isinstance(m.form, forms.List) and m.default is None}  # type: ignore[attr-defined]
        return q.input(**(blanks | found))


def _rows(page: Page) -> Response:
    """Answers another service, which needs no links."""
    out: dict[str, Any] = {"items": [forms.write(row) for row in page.rows]}
    return answer(out | {"next": page.next} if page.next else out)


def row_of(path: str, *key: str | None) -> str:
    """The path of the row of a key; "": a part has no value, and there is nothing to link to."""
    if not all(key):
        return ""
    return path + "".join("/" + quote(part or "", safe="$&+=:@") for part in key)


def rows_of(path: str, by: Iterable[tuple[str, str | None]]) -> str:
    """The path of those rows of a list that have these values; "": there is one missing."""
    given = dict(by)
    if None in given.values():
        return ""
    return path + "?" + urlencode(sorted(given.items()))  # type: ignore[arg-type]
