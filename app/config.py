"""Every setting: its environment name, its default, one sentence each; and the refusals of an unsafe start."""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

CHECKOUT = Path(__file__).resolve().parent.parent


class BadSetting(RuntimeError):
    """A setting that cannot be used; the message names it and says what to do."""


@dataclass(frozen=True)
class Settings:
    """What the environment says, checked."""

    instance: Path
    database_url: str
    secret_key: str
    field_keys: str
    public_url: str
    sms_url: str
    queue_url: str
    demo: bool
    now: str | None
    storage_url: str = "file:"
    replica_url: str = ""
    replica_lag: float = 5.0
    proxies: int = 0
    owner_url: str = ""
    pooler: bool = False
    page_seconds: float = 10.0
    job_seconds: float = 600.0
    job_rest: float = 12.0
    sms_per_number: int = 10
    sms_per_day: int = 0
    dormant_remind_days: int = 90
    dormant_suspend_days: int = 180
    second_factor: bool = False
    password_days: int = 0
    password_history: int = 5

    @property
    def secure(self) -> bool:
        """Whether the public address is https: Secure and `__Host-` cookies, HSTS."""
        return self.public_url.startswith("https://")


def from_environment(environment: Mapping[str, str] | None = None) -> Settings:
    """Read `YINLING_*` (names: contract). Raises BadSetting where a start would be unsafe."""
    env = os.environ if environment is None else environment
    instance = Path(env.get("YINLING_INSTANCE") or CHECKOUT / "instance").resolve()
    env = {**_kept(instance), **{name: value for name, value in env.items() if value}}
    settings = Settings(
        instance=instance,
        database_url=_database(env.get("YINLING_DATABASE_URL") or f"sqlite:///{instance / 'yinling.db'}"),
        secret_key=env.get("YINLING_SECRET_KEY", ""),
        field_keys=env.get("YINLING_FIELD_KEYS", ""),
        public_url=(env.get("YINLING_PUBLIC_URL") or "").rstrip("/"),
        sms_url=env.get("YINLING_SMS_URL") or "file:",
        queue_url=env.get("YINLING_QUEUE_URL") or f"sqlite:///{instance / 'queue.db'}",
        demo=_demo(env, instance),
        now=env.get("YINLING_NOW") or None,
        storage_url=env.get("YINLING_STORAGE_URL") or "file:",
        replica_url=_database(env["YINLING_REPLICA_URL"]) if env.get("YINLING_REPLICA_URL") else "",
        replica_lag=_seconds(env.get("YINLING_REPLICA_LAG") or "5", "YINLING_REPLICA_LAG"),
        proxies=_proxies(env.get("YINLING_PROXIES") or "0"),
        owner_url=_owner(env.get("YINLING_OWNER_URL", "")),
        pooler=env.get("YINLING_DATABASE_POOLER") == "1",
        page_seconds=_seconds(env.get("YINLING_PAGE_SECONDS") or "10", "YINLING_PAGE_SECONDS"),
        job_seconds=_seconds(env.get("YINLING_JOB_SECONDS") or "600", "YINLING_JOB_SECONDS"),
        job_rest=_seconds(env.get("YINLING_JOB_REST") or "12", "YINLING_JOB_REST"),
        sms_per_number=_whole(env.get("YINLING_SMS_PER_NUMBER") or "10", "YINLING_SMS_PER_NUMBER"),
        sms_per_day=_whole(env.get("YINLING_SMS_PER_DAY") or "0", "YINLING_SMS_PER_DAY"),
        dormant_remind_days=_whole(env.get("YINLING_DORMANT_REMIND_DAYS") or "90", "YINLING_DORMANT_REMIND_DAYS"),
        dormant_suspend_days=_whole(env.get("YINLING_DORMANT_SUSPEND_DAYS") or "180", "YINLING_DORMANT_SUSPEND_DAYS"),
        password_days=_whole(env.get("YINLING_PASSWORD_DAYS") or ("0" if _demo(env, instance) else "90"),
                             "YINLING_PASSWORD_DAYS"),
        password_history=_whole(env.get("YINLING_PASSWORD_HISTORY") or "5", "YINLING_PASSWORD_HISTORY"),
        second_factor=_on(env.get("YINLING_SECOND_FACTOR", ""), "YINLING_SECOND_FACTOR",
                          otherwise=not _demo(env, instance)),
    )
    _check(settings)
    return settings


def _kept(instance: Path) -> dict[str, str]:
    """The secrets `scripts/server` made, so that commands given by hand find them too."""
    file = instance / "secrets.env"
    return dict(line.split("=", 1) for line in file.read_text(encoding="utf-8").split()) if file.exists() else {}


def _demo(env: Mapping[str, str], instance: Path) -> bool:
    """`YINLING_DEMO=1`, or the mark `scripts/server` left in the instance folder when it loaded the demo."""
    said = env.get("YINLING_DEMO")
    return said == "1" if said is not None else (instance / "demo").exists()


def _database(url: str) -> str:
    """PostgreSQL is spoken to through psycopg 3, whatever short form the URL takes."""
    for short in ("postgresql://", "postgres://"):
        if url.startswith(short):
            return _several_hosts("postgresql+psycopg://" + url.removeprefix(short))
    if not url.startswith(("sqlite:", "postgresql+psycopg://")):
        raise BadSetting("YINLING_DATABASE_URL must be a sqlite or postgresql URL")
    return _several_hosts(url)


def _several_hosts(url: str) -> str:
    """libpq's `//user@a:1,b:2/name`, which SQLAlchemy writes as `host=` parameters; the one that can write is sought.

    A host that is gone must be noticed within seconds: the defaults are those of TCP, a quarter of an hour.
    """
    parts = urlsplit(url)
    if not parts.scheme.startswith("postgresql"):
        return url
    said = dict(parse_qsl(parts.query))
    who, at, hosts = parts.netloc.rpartition("@")
    several = [("host", each if ":" in each else f"{each}:5432") for each in hosts.split(",")] if "," in hosts else []
    wanted = {"connect_timeout": "3", "tcp_user_timeout": "15000", "keepalives_idle": "15"}
    if several or parts.query.count("host=") > 1:
        wanted["target_session_attrs"] = "read-write"
    query = parse_qsl(parts.query) + several + [(name, value) for name, value in wanted.items() if name not in said]
    return urlunsplit((parts.scheme, who + at if several else parts.netloc, parts.path, urlencode(query), ""))


def _proxies(text: str) -> int:
    """How many proxies of ours stand before us: so many last words of X-Forwarded-For are believed, and no more."""
    if text not in ("0", "1", "2", "3"):
        raise BadSetting("YINLING_PROXIES is the number of proxies of your own before the application, 0 to 3")
    return int(text)


def _seconds(text: str, name: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if not 0 <= value <= 3600:
        raise BadSetting(f"{name} is a number of seconds, at most 3600")
    return value


def _whole(text: str, name: str) -> int:
    if not text.isascii() or not text.isdigit():
        raise BadSetting(f"{name} is a whole number; 0 means no limit")
    return int(text)


def _on(text: str, name: str, *, otherwise: bool) -> bool:
    if text not in ("", "0", "1"):
        raise BadSetting(f"{name} is 1 or 0")
    return text == "1" if text else otherwise


def _owner(url: str) -> str:
    """Migrations' own login on PostgreSQL; empty where the application logs in as the tables' owner."""
    full = _database(url) if url else ""
    if full.startswith("sqlite:"):
        raise BadSetting("YINLING_OWNER_URL is for PostgreSQL, where another role than the owner logs in")
    return full


def several(urls: str) -> list[str]:
    """The URLs of a setting that may hold several, divided by blanks; a path may hold blanks too."""
    return re.split(r"\s+(?=(?:file|dry|https?):)", urls.strip())


def _check(settings: Settings) -> None:
    if len(settings.secret_key) < 32:
        raise BadSetting("YINLING_SECRET_KEY is missing or shorter than 32 characters; "
                         "scripts/server makes one, or: python3 -c 'import secrets; print(secrets.token_hex(32))'")
    if len(set(settings.secret_key)) < 10:
        raise BadSetting("YINLING_SECRET_KEY is not random")
    if not settings.field_keys:
        raise BadSetting("YINLING_FIELD_KEYS is missing: k1:BASE64 of 32 random bytes")
    if settings.now and not settings.demo:
        raise BadSetting("YINLING_NOW moves the clock and is allowed with YINLING_DEMO=1 only")
    for url in several(settings.sms_url):
        parts = urlsplit(url)
        near = parts.scheme == "http" and parts.hostname in ("127.0.0.1", "localhost", "::1")
        if parts.scheme not in ("file", "dry") and not (parts.hostname and (near or parts.scheme == "https")):
            raise BadSetting("YINLING_SMS_URL is file:, dry: or https://…, several divided by blanks; http:// only to "
                             "this machine")
    if not settings.storage_url.startswith(("file:", "s3://")):
        raise BadSetting("YINLING_STORAGE_URL must be file:, file:///path or s3://bucket/prefix")
    if not settings.queue_url.startswith(("sqlite:///", "postgresql://", "redis://", "rediss://")):
        raise BadSetting("YINLING_QUEUE_URL must be a sqlite:///, postgresql:// or redis:// URL")
    if settings.replica_url and settings.database_url.startswith("sqlite:"):
        raise BadSetting("YINLING_REPLICA_URL: only PostgreSQL has replicas")
    if settings.public_url and not settings.public_url.startswith(("http://", "https://")):
        raise BadSetting("YINLING_PUBLIC_URL must begin with http:// or https://")
