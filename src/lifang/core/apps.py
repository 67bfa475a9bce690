from django.apps import AppConfig


class CoreConfig(AppConfig):
    name = "lifang.core"
    label = "core"
    verbose_name = "核心"

    def ready(self) -> None:
        """Every process knows every room's tasks, journal readers, recoveries, imports and packs."""
        from django.utils.module_loading import autodiscover_modules

        autodiscover_modules("tasks", "readers", "recovery", "imports", "packs")
