"""Units with their history, people, posts, roles, working groups, machine tokens."""

from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models

from lifang.orgs.choices import ChangeKind, Role, UnitKind


class Unit(models.Model):
    """A responsible unit. Closed units stay: what was done under the old name keeps it."""

    code = models.CharField(max_length=32, unique=True)
    name = models.CharField(max_length=120)
    short_name = models.CharField(max_length=40, blank=True)
    kind = models.CharField(max_length=16, choices=UnitKind)
    parent = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="children"
    )
    #: division-code prefix of the area this unit answers for; empty: everywhere
    area = models.CharField(max_length=12, blank=True)
    phone = models.CharField(max_length=40, blank=True)
    order = models.PositiveIntegerField(default=0)
    active = models.BooleanField(default=True)

    class Meta:
        ordering = ("order", "code")

    def __str__(self) -> str:
        return self.name


class UnitName(models.Model):
    """The name a unit bore in ``[valid_from, valid_to)``."""

    unit = models.ForeignKey(Unit, models.CASCADE, related_name="names")
    name = models.CharField(max_length=120)
    valid_from = models.DateField()
    valid_to = models.DateField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=("unit",), condition=models.Q(valid_to=None), name="one_current_name"
            )
        ]

    def __str__(self) -> str:
        return self.name


class UnitChange(models.Model):
    """A reorganisation on a day: work of ``sources`` goes on in ``targets``."""

    kind = models.CharField(max_length=8, choices=ChangeKind)
    date = models.DateField()
    sources = models.ManyToManyField(Unit, related_name="changes_out")
    targets = models.ManyToManyField(Unit, related_name="changes_in")
    document = models.CharField(max_length=200, blank=True)
    note = models.TextField(blank=True)

    def __str__(self) -> str:
        return f"{self.kind} {self.date}"


class UserManager(BaseUserManager["User"]):
    def create_user(self, username: str, password: str | None = None, **values: Any) -> "User":
        """A person's row with the password hashed. Roles are rows of their own."""
        user = self.model(username=username, **values)
        user.set_password(password)
        user.save(using=self._db)
        return user


class User(AbstractBaseUser):
    """A person with an account."""

    username = models.CharField(max_length=64, unique=True)
    name = models.CharField(max_length=64)
    phone = models.CharField(max_length=32, blank=True)
    email = models.EmailField(blank=True)
    unit = models.ForeignKey(Unit, models.PROTECT, null=True, related_name="people")
    is_active = models.BooleanField(default=True)
    must_change_password = models.BooleanField(default=True)
    password_changed_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(auto_now_add=True)

    USERNAME_FIELD = "username"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["name"]
    objects: ClassVar[UserManager] = UserManager()

    class Meta:
        ordering = ("username",)

    def __str__(self) -> str:
        return self.name


class Membership(models.Model):
    """One role of a person in a unit, over an area (division-code prefix; empty: everywhere)."""

    user = models.ForeignKey(User, models.CASCADE, related_name="memberships")
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="memberships")
    role = models.CharField(max_length=16, choices=Role)
    area = models.CharField(max_length=12, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=("user", "unit", "role", "area"), name="membership_once")
        ]

    def __str__(self) -> str:
        return f"{self.user_id} {self.role} {self.unit_id}"


class Post(models.Model):
    """A named post (岗位) that answers for matters, whoever holds it at the time."""

    unit = models.ForeignKey(Unit, models.CASCADE, related_name="posts")
    title = models.CharField(max_length=80)
    holder = models.ForeignKey(User, models.SET_NULL, null=True, blank=True, related_name="posts")
    active = models.BooleanField(default=True)

    class Meta:
        ordering = ("unit", "title")
        constraints = [models.UniqueConstraint(fields=("unit", "title"), name="post_once")]

    def __str__(self) -> str:
        return self.title


class WorkingGroup(models.Model):
    """A group across units (工作组), led by one."""

    name = models.CharField(max_length=120, unique=True)
    lead_unit = models.ForeignKey(Unit, models.PROTECT, related_name="groups_led")
    units = models.ManyToManyField(Unit, related_name="groups", blank=True)
    people = models.ManyToManyField(User, related_name="groups", blank=True)
    purpose = models.TextField(blank=True)
    active = models.BooleanField(default=True)

    def __str__(self) -> str:
        return self.name


class ApiToken(models.Model):
    """A machine's key: bound to a unit and scopes. Only its SHA-256 is kept."""

    name = models.CharField(max_length=80)
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="tokens")
    role = models.CharField(max_length=16, choices=Role)
    prefix = models.CharField(max_length=12)
    digest = models.CharField(max_length=64, unique=True)
    scopes = models.JSONField(default=list)
    created_by = models.ForeignKey(User, models.SET_NULL, null=True)
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField(null=True)
    last_used_at = models.DateTimeField(null=True)
    active = models.BooleanField(default=True)

    def __str__(self) -> str:
        return self.name


class UserSession(models.Model):
    """A signed-in session, so that sessions can be counted, shown and ended."""

    user = models.ForeignKey(User, models.CASCADE, related_name="sessions")
    key = models.CharField(max_length=40, unique=True)
    address = models.GenericIPAddressField(null=True)
    agent = models.CharField(max_length=200, blank=True)
    started_at = models.DateTimeField(auto_now_add=True)
    seen_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.user_id} {self.started_at:%F %T}"
