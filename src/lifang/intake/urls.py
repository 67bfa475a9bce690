"""Server pages of the public door, and the phone app's manifest."""

from django.urls import URLPattern, path, re_path

from lifang.intake import pages, phone

urlpatterns: list[URLPattern] = [
    path("", pages.home, name="portal-home"),
    path("report", pages.report, name="portal-report"),
    path("follow", pages.follow, name="portal-follow"),
    path("follow/<str:number>", pages.case, name="portal-case"),
    re_path(
        r"^follow/(?P<number>[^/]+)/(?P<verb>answer|rate|reopen|correct)$",
        pages.act,
        name="portal-act",
    ),
    path("elder", pages.elder, name="portal-elder"),
    path("manifest.webmanifest", phone.manifest, name="phone-manifest"),
]
