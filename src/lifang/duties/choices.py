from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class PairingKind(TextChoices):
    LEADER_AREA = "leader_area", _("领导联片包抓")
    UNIT_PLACE = "unit_place", _("单位包联")
    ROAD_CHIEF = "road_chief", _("路长")
    GRID_STAFF = "grid_staff", _("网格员")
    SHOP_FRONT = "shop_front", _("门前三包")
