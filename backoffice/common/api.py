"""What every endpoint of /api/v1/ shares: its declared act, strict input, explicit output, pages and keyed calls.

An endpoint is a class a path, a method a verb of HTTP, and each method declares its :class:`Act`: the right it needs,
what it takes and what it answers. The right is asked before anything is read; the document of the API is made from
the same declaration (schema.py), so that neither can say what the other does not.
"""

import functools
import hashlib
import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, TypeVar, cast

from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import UploadedFile
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils import translation
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext as _
from rest_framework import serializers
from rest_framework.exceptions import ErrorDetail, ParseError, ValidationError
from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.parsers import BaseParser, DataAndFiles, MultiPartParser
from rest_framework.request import Request
from rest_framework.views import APIView

from backoffice.common import pages, problems, sql
from backoffice.common.errors import BusinessError, NotThere
from backoffice.common.fields import Input, Output, PageQuery, shared
from backoffice.common.schema import HouseSchema
from backoffice.people import access, idempotency, rates
from backoffice.people.models import ApiToken, Entity, User

M = TypeVar("M", bound=Model)
_SURROGATE = re.compile(rb"\\u[dD][89a-fA-F]")
BYTES = "application/octet-stream"
ANYONE = ""  # an act that asks for no right but to be signed in
LARGEST_LIST = 100_000


@dataclass(frozen=True)
class Act:
    """One method of one path. ``right`` is empty for what every signed-in person may do.

    ``output`` with ``paged`` is the serializer of one item. ``once_only`` names members of the answer that are shown
    once and never stored, not even for a replay. ``binary`` is the kind of the bytes that it answers instead of JSON.
    ``items`` counts what a call for many asks for, which it pays for (people/rates.py).
    """

    right: str
    summary: str
    output: type[serializers.BaseSerializer[Any]] | None = None
    body: type[Input] | None = None
    many: bool = False
    query: type[Input] | None = None
    status: int = 200
    paged: bool = False
    upload: bool = False
    binary: str = ""
    once_only: tuple[str, ...] = ()
    items: Callable[[Any], int] | None = None

    def cost(self, method: str) -> int:
        if self.upload or (self.binary == BYTES):
            return rates.FILE
        return rates.WRITE if method == "POST" else rates.READ


NOTHING = Act("", "")
Handler = Callable[..., Any]


def act(right: str, summary: str, **rest: Any) -> Callable[[Handler], Handler]:
    """Declare a method's act. The method gets the request with ``self.body`` and ``self.query`` validated."""
    declared = Act(right, summary, **rest)

    def declare(run: Handler) -> Handler:
        @functools.wraps(run)
        def method(self: "Endpoint", request: Request, **path: Any) -> HttpResponseBase:
            return self.perform(functools.partial(run, self, request, **path), request)

        method.act = declared  # type: ignore[attr-defined]
        return method

    return declare


class JsonBody(BaseParser):
    """JSON in UTF-8, read no further than the endpoint takes. A name given twice and NaN are refused."""

    media_type = "application/json"

    def parse(self, stream: Any, media_type: str | None = None, parser_context: Mapping[str, Any] | None = None) -> Any:
        context = parser_context or {}
        raw = read_at_most(stream, context["view"].largest_body)
        context["request"].content_digest = hashlib.sha256(raw).digest()
        if not raw:
            return {}
        try:
            read = json.loads(raw.decode(), object_pairs_hook=_once_each, parse_constant=_no_constant)
            if _SURROGATE.search(raw):  # half a character, that nothing can keep or send again
                json.dumps(read, ensure_ascii=False).encode()
        except (ValueError, RecursionError) as error:
            raise ParseError(str(error)) from None
        return read


class RawBody(BaseParser):
    """Any other body is the file itself."""

    media_type = "*/*"

    def parse(self, stream: Any, media_type: str | None = None, parser_context: Mapping[str, Any] | None = None) -> Any:
        context = parser_context or {}
        raw = read_at_most(stream, context["view"].largest_body)
        context["request"].content_digest = hashlib.sha256(raw).digest()
        return {"file": ContentFile(raw, name=context["request"].query_params.get("file_name") or "file")}


class FormBody(MultiPartParser):
    """multipart/form-data. The digest is of fields and files, for the boundary differs with each call."""

    def parse(
        self, stream: Any, media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> "DataAndFiles[Any, Any]":
        context = dict(parser_context or {})
        parsed = super().parse(stream, media_type, context)
        digest = hashlib.sha256(json.dumps(sorted(parsed.data.lists())).encode())
        files = cast("dict[str, UploadedFile[bytes]]", parsed.files.dict())
        for name, file in sorted(files.items()):
            digest.update(f"\0{name}\0{file.name}\0".encode())
            for chunk in file.chunks():
                digest.update(chunk)
            file.seek(0)
        context["request"].content_digest = digest.digest()
        return parsed


def read_at_most(stream: Any, largest: int) -> bytes:
    raw: bytes = stream.read(largest + 1)
    if len(raw) > largest:
        raise BusinessError("request.too_large", largest=largest)
    return raw


def _once_each(pairs: Sequence[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) < len(pairs):
        names = [name for name, _value in pairs]
        raise ValueError(f"the name “{next(name for name in names if names.count(name) > 1)}” is given twice")
    return made


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is not a value of JSON")


class JsonAlways(DefaultContentNegotiation):
    """Answers are JSON, or the bytes asked for, whatever Accept says."""

    def select_renderer(self, request: Request, renderers: Iterable[Any], format_suffix: str | None = None) -> Any:
        first = next(iter(renderers))
        return first, first.media_type


_ENTITY = f"select {sql.columns(Entity, 'e')} from people_entity e where e.id = %s"  # noqa: S608 - names of columns


class Endpoint(APIView):
    """Base of every endpoint. Each method that it defines must carry an :class:`Act`."""

    http_method_names = ["get", "post", "head"]
    content_negotiation_class = JsonAlways
    metadata_class = None
    parser_classes = [JsonBody]
    schema = HouseSchema()
    largest_body: ClassVar[int] = 5_000_000
    act: Act = NOTHING
    body: Any = None
    query: Mapping[str, Any] = {}
    meter: rates.Meter | None = None

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        for method in ("get", "post"):
            if method in vars(cls) and not hasattr(vars(cls)[method], "act"):
                raise TypeError(f"{cls.__name__}.{method} does not declare its act")

    def act_of(self, method: str) -> Act | None:
        """What a method of HTTP does here, None when nothing."""
        return getattr(getattr(self, "get" if method == "HEAD" else method.lower(), None), "act", None)

    def dispatch(self, request: HttpRequest, *args: Any, **path: Any) -> HttpResponseBase:
        with translation.override(asked_language(request)):
            response = super().dispatch(request, *args, **path)
            response.headers.setdefault("Content-Language", translation.get_language() or settings.LANGUAGE_CODE)
        for name, value in (self.meter.headers() if self.meter else {}).items():
            response.headers[name] = value
        patch_vary_headers(response, ["Accept-Language", "Authorization", "Cookie"])
        response.headers.setdefault("Cache-Control", "private, no-store")
        return response

    def initial(self, request: Request, *args: Any, **path: Any) -> None:
        super().initial(request, *args, **path)
        user = request.user
        if isinstance(user, User) and "Accept-Language" not in request.headers:
            translation.activate(user.language)
        self.act = self.act_of(request.method or "") or NOTHING
        if isinstance(user, User):
            self.meter = rates.Meter(user, cast("ApiToken | None", request.auth))
            # The first items of a call for many are paid with it, in one look.
            self.meter.pay(self.act.cost(request.method or "") + (rates.of_items(1) if self.act.items else 0))
        if self.act.right:
            access.demand(user, self.act.right)

    def perform(self, run: Callable[[], Any], request: Request) -> HttpResponseBase:
        """Read and check what was sent, do the act once for its key, answer."""
        declared = self.act
        self.query = self._query(request, declared)
        if request.method != "POST":
            return self._answer(run, declared)
        sent = self._sent(request, declared)

        def once() -> HttpResponseBase:
            self.body = self._checked(sent, declared)
            if declared.items and self.meter:
                self.meter.pay(rates.of_items(declared.items(self.body)) - rates.of_items(1))
            return self._answer(run, declared)

        key = request.headers.get("Idempotency-Key")
        if key is None:
            return once()
        call = idempotency.Call(self.person, key, self._digest(request))
        return idempotency.once(call, once, hide=functools.partial(_hide, declared.once_only))  # type: ignore[arg-type]

    @property
    def person(self) -> User:
        return cast(User, self.request.user)

    def places(self, right: str = "") -> list[int]:
        """The entities where the person has the act's right (or another one): every query of rows asks for them."""
        return access.entity_ids(self.request.user, right or self.act.right)

    def scoped(self, rows: QuerySet[M], key: int, *, seen: str) -> M:
        """The row with this key when the person may see it (right ``seen``), and may do the act in its entity."""
        row = found(rows, pk=key, entity__in=self.places(seen))
        access.demand(self.request.user, self.act.right, row.entity_id)  # type: ignore[attr-defined]
        return row

    def chosen(self) -> list[int]:
        """The entities of a list: those of the person, or the one asked for among them."""
        asked = self.query.get("entity")
        return [place for place in self.places() if asked in {None, place}]

    def entity(self) -> Entity:
        """The entity that an act names, or the only one where the person may do it."""
        places, asked = self.places(), self.body.get("entity")
        if asked is None:
            if len(places) != 1:
                raise ValidationError({"entity": [ErrorDetail(str(_("Say which entity.")), code="required")]})
            asked = places[0]
        entity = next(iter(sql.instances(_ENTITY, [asked], Entity)), (None,))[0] if asked in places else None
        if entity is None:
            known = access.places(self.person)
            if asked in known or (None in known and Entity.objects.filter(pk=asked).exists()):
                access.demand(self.person, self.act.right, asked)
            raise NotThere("not_there")
        return entity

    @property
    def clear(self) -> bool:
        """May the person read account numbers in clear?"""
        return access.can(self.request.user, "iban.view")

    def show(self, output: type[serializers.BaseSerializer[Any]], item: Any, *, many: bool = False) -> Any:
        """What goes out, by an explicit serializer."""
        made = shared(output, many=many, clear=self.clear)  # type: ignore[arg-type]
        return made.to_representation(item)

    def page_of(
        self,
        rows: QuerySet[M],
        *,
        key: Sequence[str],
        salt: str,
        descending: bool = True,
    ) -> dict[str, Any]:
        """A page of rows as the answer of a paged act; cursor and limit come from the query. See pages.page."""
        found = pages.page(
            rows,
            key=key,
            cursor=self.query.get("cursor", ""),
            size=self.query.get("limit", PageQuery.USUAL),
            descending=descending,
            salt=f"api:{salt}",
        )
        return self.paged(found.items, found.next, found.previous)

    def paged(self, items: Sequence[Any], following: str, previous: str) -> dict[str, Any]:
        return {
            "items": self.show(self.act.output or Output, items, many=True),
            "next": self.link(following),
            "previous": self.link(previous),
        }

    def link(self, cursor: str) -> str | None:
        if not cursor:
            return None
        query = self.request.query_params.copy()
        query["cursor"] = cursor
        return self.request.build_absolute_uri(f"{self.request.path}?{query.urlencode()}")

    def _query(self, request: Request, declared: Act) -> Mapping[str, Any]:
        if declared.upload:
            return {}
        sent = request.query_params.dict()
        if declared.query is None:
            if sent:
                raise ValidationError({name: [Input.unknown()] for name in sent})
            return {}
        return cast(Mapping[str, Any], shared(declared.query).run_validation(sent))

    @staticmethod
    def _sent(request: Request, declared: Act) -> Any:
        sent: Any = request.data
        if not declared.upload:
            return sent
        return {**request.query_params.dict(), **{name: sent[name] for name in sent}}

    @staticmethod
    def _checked(sent: Any, declared: Act) -> Any:
        if declared.body is None:
            if sent:
                raise ValidationError({"non_field_errors": [Input.unknown()]})
            return {}
        return shared(declared.body, many=declared.many and isinstance(sent, list)).run_validation(sent)

    @staticmethod
    def _digest(request: Request) -> bytes:
        """Of what is asked and by what means: a narrower token of the same person gets no answer of a wider one."""
        content = getattr(request, "content_digest", hashlib.sha256().digest())
        token = cast("ApiToken | None", request.auth)
        means = [token.pk, sorted(token.scopes), sorted(token.entities)] if token else None
        asked = f"{request.method} {request.get_full_path()}\n{json.dumps(means)}\n"
        return hashlib.sha256(asked.encode() + content).digest()

    @staticmethod
    def _answer(run: Callable[[], Any], declared: Act) -> HttpResponseBase:
        answer = run()
        if isinstance(answer, HttpResponseBase):
            return answer
        return HttpResponse(problems.dumps(answer), status=declared.status, content_type="application/json")


class UploadEndpoint(Endpoint):
    """Takes a file: as the part ``file`` of multipart/form-data, or as the whole body with the rest in the query."""

    parser_classes = [FormBody, RawBody]
    largest_body: ClassVar[int] = settings.INTAKE_MAX_BYTES

    @staticmethod
    def read(file: "UploadedFile[bytes]") -> bytes:
        """The bytes, unless they are more than is taken in."""
        if (file.size or 0) > settings.INTAKE_MAX_BYTES:
            raise BusinessError("attachment.too_large", size=file.size, largest=settings.INTAKE_MAX_BYTES)
        return file.read()


class NoSuchAddress(APIView):
    """Whatever else lies under /api/v1/."""

    authentication_classes = []
    permission_classes = []
    schema = None

    def dispatch(self, request: HttpRequest, *args: Any, **path: Any) -> HttpResponseBase:
        with translation.override(asked_language(request)):
            return problems.problem(404, "not_there")


def asked_language(request: HttpRequest) -> str:
    if "Accept-Language" in request.headers:
        return translation.get_language_from_request(request)
    return settings.LANGUAGE_CODE


def found(rows: QuerySet[M], **lookup: Any) -> M:
    """The one row in scope, or "not there": also for a row of another entity."""
    row = rows.filter(**lookup).first()
    if row is None:
        raise NotThere("not_there")
    return row


def file_response(content: bytes, *, name: str) -> HttpResponse:
    """Bytes to be saved, never shown: no type that a browser would run, and no guessing."""
    response = HttpResponse(content, content_type=BYTES)
    ascii_name = "".join(letter if letter.isascii() and letter not in '"\\' else "_" for letter in name)
    response.headers["Content-Disposition"] = f"attachment; filename=\"{ascii_name}\"; filename*=UTF-8''{_quoted(name)}"
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response


def _quoted(name: str) -> str:
    from urllib.parse import quote

    return quote(name, safe="")


def _hide(names: Sequence[str], body: bytes) -> bytes:
    if not names:
        return body
    answer = json.loads(body)
    if isinstance(answer, dict):
        answer.update(dict.fromkeys(set(names) & answer.keys()))
    return problems.dumps(answer)


problem_handler = problems.handler
