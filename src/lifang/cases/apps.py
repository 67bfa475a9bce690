from django.apps import AppConfig


class CasesConfig(AppConfig):
    name = "lifang.cases"
    label = "cases"
    verbose_name = "案件"

    def ready(self) -> None:
        from lifang.cases import access  # noqa: F401  (registers who may open files)
        from lifang.cases.actions.teach import teach
        from lifang.understanding.learning.actions import teller

        teller(teach)
