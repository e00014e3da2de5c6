from django.apps import AppConfig


class PeopleConfig(AppConfig):
    name = "backoffice.people"
    label = "people"

    def ready(self) -> None:
        from backoffice.people import errors  # noqa: F401  registers this room's sentences
