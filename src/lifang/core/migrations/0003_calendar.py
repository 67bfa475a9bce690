"""The default working calendar with every year whose holidays are known (lifang.core.calendar)."""

from typing import Any

from django.db import migrations

from lifang.core.calendar import OFFICE_HOURS, known_years, official


def _seed(apps: Any, schema_editor: Any) -> None:
    calendar, made = apps.get_model("core", "WorkCalendar").objects.get_or_create(
        key="default", defaults={"name": "机关工作日历", "hours": OFFICE_HOURS}
    )
    if not made:
        return
    source = "国务院办公厅节假日安排（chinesecalendar）"
    year_model = apps.get_model("core", "CalendarYear")
    day_model = apps.get_model("core", "CalendarDay")
    year_model.objects.bulk_create(
        year_model(calendar=calendar, year=y, source=source) for y in known_years()
    )
    day_model.objects.bulk_create(
        day_model(calendar=calendar, date=d.date, working=d.working, name=d.name)
        for y in known_years()
        for d in official(y)
    )


class Migration(migrations.Migration):
    dependencies = [("core", "0002_engine")]

    operations = [migrations.RunPython(_seed, migrations.RunPython.noop)]
