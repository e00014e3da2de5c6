from django.apps import AppConfig


class CommonConfig(AppConfig):
    name = "backoffice.common"
    label = "common"
