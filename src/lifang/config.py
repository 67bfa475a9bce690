"""What an operator may set, all by environment variables that begin with ``LIFANG_``."""

from functools import lru_cache
from pathlib import Path
from typing import Literal

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict


class Config(BaseSettings):
    """Operator settings. Every field has a default that runs on one machine with nothing else."""

    model_config = SettingsConfigDict(env_prefix="LIFANG_", extra="ignore")

    data: Path = Field(default=Path("data"), description="folder of database, files and secrets")
    database_url: str = Field(
        default="", description="postgresql://…; empty: SQLite in the data folder"
    )
    test_db: str = Field(default="", description="name of the test database on PostgreSQL")
    broker_url: str = Field(
        default="", description="amqp://… or redis://…; empty: tasks in the database"
    )
    cache_url: str = Field(default="", description="redis://…; empty: in process")
    media_url: str = Field(default="", description="s3://bucket?endpoint=…; empty: the data folder")
    secret_key: SecretStr = Field(
        default=SecretStr(""), description="empty: made once, kept in the data folder"
    )
    hosts: str = Field(default="127.0.0.1,localhost", description="host names served, by comma")
    https: bool = Field(default=False, description="set behind TLS: secure cookies, HSTS")
    trusted_proxies: int = Field(
        default=0, description="reverse proxies in front that set X-Forwarded-For"
    )
    debug: bool = False
    demo: bool = Field(default=False, description="made-up city: accounts shown on the login page")
    real_data: Path | None = Field(default=None, description="folder of real messages for the demo")
    city_name: str = Field(default="", description="shown in the head of every page")
    language: str = "zh-hans"
    session_hours: int = Field(default=12, ge=1, description="longest life of a session")
    session_idle_minutes: int = Field(
        default=60, ge=5, description="signed out after this long idle"
    )
    sessions_per_user: int = Field(default=3, ge=1, description="sessions of one account at a time")
    password_days: int = Field(
        default=180, ge=0, description="a password must be changed after this many days; 0: never"
    )
    mfa_required_roles: str = Field(default="system_admin,security_admin,audit_admin")
    oidc_server_url: str = ""
    oidc_client_id: str = ""
    oidc_client_secret: SecretStr = SecretStr("")
    smtp_url: str = Field(default="", description="smtp://user:password@host:port")
    mail_from: str = "lifang@localhost"
    sms_url: str = Field(default="", description="SMS gateway; empty: sms.log in the data folder")
    metrics_token: SecretStr = Field(
        default=SecretStr(""), description="for /metrics from elsewhere than this machine"
    )
    upload_max_mb: int = Field(default=30, ge=1)
    image_max_pixels: int = Field(default=80_000_000, ge=1)
    picture_checks: bool = Field(
        default=True,
        description="faces, plates and text of pictures are looked for where [pictures] is installed",
    )
    audio_max_seconds: int = Field(default=600, ge=10, description="longest recording taken")
    speech_engine: Literal["auto", "off", "sherpa", "whisper", "packaged", "remote"] = Field(
        default="auto", description="who writes down recordings; auto: what is set up below"
    )
    speech_model: Path | None = Field(
        default=None, description="folder of a sherpa-onnx or faster-whisper model"
    )
    speech_url: str = Field(
        default="", description="http(s)://…/v1/audio/transcriptions of an own speech server"
    )
    speech_key: SecretStr = Field(default=SecretStr(""), description="its key, sent as Bearer")
    open311_jurisdiction: str = Field(
        default="",
        description="our jurisdiction_id in Open311, e.g. city.example; empty: any is taken",
    )
    public_reports_per_hour: int = Field(
        default=20, ge=1, description="by device; by address ten times that"
    )


@lru_cache(maxsize=1)
def config() -> Config:
    """The settings of this process, read once."""
    return Config()
