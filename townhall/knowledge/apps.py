from django.apps import AppConfig


class KnowledgeConfig(AppConfig):
    name = "townhall.knowledge"
    verbose_name = "What the council knows and says"
