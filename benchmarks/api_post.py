"""POST of one payment to the API: the product against a bare DRF CreateAPIView with simple-history.

Product: ``POST /api/v1/payments`` with a token, an Idempotency-Key, validation, intake (bytes kept, accounts and payee
resolved, duplicates looked for), state, audit records and the task for the checks, which run in the worker. Limit: the
same fields by a ModelSerializer into one table with simple-history's table beside it, committed, nobody signed in.

Both are called in this process by the WSGI handler, so that neither pays for sockets or for the other's turn at the
machine: what is compared is the work of a request. Calls alternate; the ratio is that of medians, and the product's
99th percentile may be 1.5 times the limit's. Small: 300 calls each; full: 2,000.

    python -m benchmarks.api_post --size small|full [--profile]
"""

import gc
import io
import json
import statistics
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from benchmarks import harness, intake

GOAL, P99 = 1.0, 1.5


def payment(place: dict[str, Any], n: int) -> dict[str, Any]:
    name, iban = place["creditors"][n % len(place["creditors"])]
    return {
        "debtor_account": place["debtor"],
        "creditor_name": name,
        "creditor_account": iban,
        "creditor_bic": "COBADEFFXXX",
        "creditor_address": {"street": "Hauptstraße", "post_code": "50667", "town": "Köln", "country": "DE"},
        "amount": f"{intake.amount(n)}",
        "currency": "EUR",
        "requested_execution_date": (datetime.now(UTC).date() + timedelta(days=1)).isoformat(),
        "end_to_end_id": f"API-{n}",
        "remittance": f"Invoice {n}",
    }


# The limit


def bare_view() -> Any:
    """The model, its history, its serializer and its view, made when Django is set up."""
    from django.db import connection, models
    from rest_framework import generics, serializers
    from rest_framework.parsers import JSONParser
    from rest_framework.renderers import JSONRenderer
    from simple_history.models import HistoricalRecords

    class BarePayment(models.Model):
        debtor_account = models.CharField(max_length=42)
        creditor_name = models.CharField(max_length=140)
        creditor_account = models.CharField(max_length=42)
        creditor_bic = models.CharField(max_length=11)
        creditor_address = models.JSONField(default=dict)
        amount = models.DecimalField(max_digits=18, decimal_places=5)
        currency = models.CharField(max_length=3)
        requested_execution_date = models.DateField()
        end_to_end_id = models.CharField(max_length=35)
        remittance = models.CharField(max_length=140)
        created_at = models.DateTimeField(auto_now_add=True)
        history = HistoricalRecords(app="transactions")

        class Meta:
            app_label = "transactions"
            db_table = "bare_payment"

    class BareSerializer(serializers.ModelSerializer[BarePayment]):
        class Meta:
            model = BarePayment
            fields = "__all__"

    class BareCreate(generics.CreateAPIView[BarePayment]):
        queryset = BarePayment.objects.all()
        serializer_class = BareSerializer
        authentication_classes = ()
        permission_classes = ()
        parser_classes = (JSONParser,)
        renderer_classes = (JSONRenderer,)

    with harness.owner():
        with connection.schema_editor() as editor:
            editor.create_model(BarePayment)
            editor.create_model(BarePayment.history.model)
        from backoffice.common import sql

        sql.run("grant select, insert on bare_payment, transactions_historicalbarepayment to backoffice")
        sql.run("grant usage on all sequences in schema public to backoffice")
    return BareCreate.as_view()


# The calls


class Caller:
    """Calls the WSGI application of the product, with the bare view at an address beside it."""

    def __init__(self, place: dict[str, Any], secret: str) -> None:
        from django.conf import settings
        from django.core.handlers.wsgi import WSGIHandler
        from django.urls import include, path

        from backoffice import urls

        # Before all else: the API's own addresses end in "whatever else lies here".
        urls.urlpatterns = [path("bare/payments", bare_view()), path("", include(list(urls.urlpatterns)))]
        settings.ALLOWED_HOSTS = ["bench"]
        self.place, self.secret = place, secret
        self.handler = WSGIHandler()
        self.number = 0

    def call(self, address: str, body: Any, **headers: str) -> tuple[int, bytes]:
        content = json.dumps(body).encode()
        environ: dict[str, Any] = {
            "REQUEST_METHOD": "POST", "PATH_INFO": address, "SERVER_NAME": "bench", "SERVER_PORT": "80",
            "SERVER_PROTOCOL": "HTTP/1.1", "CONTENT_TYPE": "application/json", "CONTENT_LENGTH": str(len(content)),
            "wsgi.input": io.BytesIO(content), "wsgi.errors": sys.stderr, "wsgi.url_scheme": "http",
            "wsgi.version": (1, 0), "wsgi.multithread": False, "wsgi.multiprocess": True, "wsgi.run_once": False,
            "HTTP_HOST": "bench", "HTTP_ACCEPT": "application/json", "REMOTE_ADDR": "127.0.0.1", "QUERY_STRING": "",
            **headers,
        }  # fmt: skip
        status = ""

        def start(said: str, _headers: Any, _error: Any = None) -> None:
            nonlocal status
            status = said

        answer = self.handler(environ, start)
        told = b"".join(answer)
        answer.close()
        return int(status[:3]), told

    def product(self) -> None:
        self.number += 1
        status, told = self.call(
            "/api/v1/payments", {"payments": [payment(self.place, self.number)]},
            HTTP_AUTHORIZATION=f"Bearer {self.secret}", HTTP_IDEMPOTENCY_KEY=f"key-{self.number}",
        )  # fmt: skip
        if status != 201:
            raise RuntimeError(f"{status}: {told[:500]!r}")

    def bare(self) -> None:
        self.number += 1
        status, told = self.call("/bare/payments", payment(self.place, self.number))
        if status != 201:
            raise RuntimeError(f"{status}: {told[:500]!r}")


def timed(act: Callable[[], None]) -> float:
    began = time.perf_counter()
    act()
    return (time.perf_counter() - began) * 1000


def p99(milliseconds: list[float]) -> float:
    return statistics.quantiles(milliseconds, n=100)[98]


def caller() -> Caller:
    """As in production: the task for the checks goes to the broker, where no worker listens meanwhile."""
    from celery import current_app
    from django.core.management import call_command

    from backoffice.people import tokens
    from backoffice.people.models import Grant, User

    current_app.conf.task_always_eager = False
    with harness.owner():
        place = intake.found()
        call_command("grant_application")
        user = User.objects.create_user(email="program@example.org", full_name="Program")
        Grant.objects.create(user=user, role="operator", entity=place["entity"])
    _token, secret = tokens.issue(user=user, name="Bench", scopes=["payment.create", "payment.view"], actor=user)
    return Caller(place, secret)


def profile(calls: Caller) -> None:
    import cProfile
    import pstats

    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    with CaptureQueriesContext(connection) as asked:
        calls.product()
    for query in asked.captured_queries:
        harness.say(f"{query['time']} {query['sql'][:150]!r}")
    seen = cProfile.Profile()
    seen.enable()
    for _call in range(200):
        calls.product()
    seen.disable()
    pstats.Stats(seen, stream=sys.stderr).sort_stats("cumulative").print_stats(60)


def main() -> None:
    profiled = "--profile" in sys.argv
    sys.argv = [word for word in sys.argv if word != "--profile"]
    options = harness.options(__doc__ or "")
    count = options.pick(300, 2_000)
    with harness.database(valkey=True):
        calls = caller()
        for _warm_up in range(30):
            calls.product()
            calls.bare()
        # As gunicorn.conf.py has it.
        gc.collect()
        gc.freeze()
        if profiled:
            profile(calls)
        product, bare = [], []
        for _round in range(count):
            product.append(timed(calls.product))
            bare.append(timed(calls.bare))
        from transactions.models import Payment

        assert Payment.objects.count() >= count
    ratio = statistics.median(bare) / statistics.median(product)
    detail = {
        "calls": count,
        "product_ms": round(statistics.median(product), 2),
        "limit_ms": round(statistics.median(bare), 2),
        "product_p99_ms": round(p99(product), 2),
        "limit_p99_ms": round(p99(bare), 2),
        "p99_ratio": round(p99(product) / p99(bare), 2),
        "p99_goal": P99,
    }
    harness.report("api_post", ratio, GOAL, detail)


if __name__ == "__main__":
    main()
