"""The ground's tables. Users are named by number here: ``core`` knows no room above it."""

from django.db import models


class StoredFile(models.Model):
    """A file by content: one row per SHA-256."""

    sha256 = models.CharField(max_length=64, unique=True)
    #: image | audio | video | document | sheet
    kind = models.CharField(max_length=10)
    content_type = models.CharField(max_length=100)
    name = models.CharField(max_length=200)
    size = models.PositiveBigIntegerField()
    width = models.PositiveIntegerField(null=True)
    height = models.PositiveIntegerField(null=True)
    taken_at = models.DateTimeField(null=True)
    exif_lng = models.FloatField(null=True)
    exif_lat = models.FloatField(null=True)
    #: who brought it: "user:7", "token:3", "device:…"
    owner = models.CharField(max_length=80, blank=True)
    #: whether the copies (thumb, view) are made
    copies_made = models.BooleanField(default=False)
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return self.name
