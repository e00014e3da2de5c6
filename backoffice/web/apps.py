from django.apps import AppConfig


class WebConfig(AppConfig):
    name = "backoffice.web"
    label = "web"

    def ready(self) -> None:
        from backoffice.web import errors  # noqa: F401  registers this room's sentences
