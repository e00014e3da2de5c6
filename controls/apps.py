from django.apps import AppConfig


class ControlsConfig(AppConfig):
    name = "controls"

    def ready(self) -> None:
        from controls import errors  # noqa: F401  registers this room's sentences
