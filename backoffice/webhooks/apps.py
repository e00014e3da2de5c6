from django.apps import AppConfig


class WebhooksConfig(AppConfig):
    name = "backoffice.webhooks"
    label = "webhooks"

    def ready(self) -> None:
        from backoffice.webhooks import errors  # noqa: F401  registers this room's sentences
