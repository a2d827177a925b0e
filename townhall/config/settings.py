"""Settings come from the environment once, at start-up, and stop the start with a sentence."""

from __future__ import annotations

import os
from base64 import b64encode
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured

from townhall.ui.map_layers import outside_sources

BASE_DIR = Path(__file__).resolve().parent.parent.parent
DATA_DIR = Path(os.environ.get("TOWNHALL_DATA", BASE_DIR / ".townhall")).resolve()


def flag(name: str, *, default: bool) -> bool:
    text = os.environ.get(name, str(default))
    if text not in ("True", "False"):
        raise ImproperlyConfigured(f"{name} must be True or False, not {text!r}")
    return text == "True"


def share(name: str, text: str) -> float:
    """A number from 0 to 1, such as 0.999."""
    try:
        found = float(text)
    except ValueError:
        found = -1.0
    if not 0 <= found <= 1:
        raise ImproperlyConfigured(f"{name} must be a number from 0 to 1, not {text!r}.")
    return found


def number(name: str, *, default: int) -> int:
    text = os.environ.get(name, str(default))
    if not text.isdecimal():
        raise ImproperlyConfigured(f"{name} must be a whole number, not {text!r}")
    return int(text)


def database(url: str) -> dict[str, Any]:
    """Django's settings for `postgresql://user:password@host:port/name?host=/socket/folder`."""
    parts = urlsplit(url)
    if parts.scheme not in ("postgres", "postgresql"):
        raise ImproperlyConfigured("DATABASE_URL must start with postgresql:// (Townhall runs on PostgreSQL only)")
    query = dict(parse_qsl(parts.query))
    return {
        "ENGINE": "townhall.core.postgres",  # notices a server that was restarted
        "NAME": unquote(parts.path.lstrip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": query.pop("host", None) or parts.hostname or "",
        "PORT": query.pop("port", None) or str(parts.port or ""),
        "CONN_MAX_AGE": None,  # each thread keeps its own, and the statements prepared on it
        "OPTIONS": {"prepare_threshold": None, **query},  # core.prepared prepares what is hot
    }


DEMO = flag("TOWNHALL_DEMO", default=False)
DEBUG = flag("DEBUG", default=False)
TESTING = "PYTEST_VERSION" in os.environ
SECURE = flag("TOWNHALL_SECURE", default=not (DEMO or DEBUG or TESTING))  # served over https


def secret_key() -> str:
    """SECRET_KEY, or for the demo and tests one kept in the data directory."""
    if given := os.environ.get("SECRET_KEY"):
        return given
    if not (DEMO or TESTING or DEBUG):
        raise ImproperlyConfigured("SECRET_KEY must be set: a long random text that stays the same.")
    kept = DATA_DIR / "secret_key"
    if not kept.exists():
        kept.parent.mkdir(parents=True, exist_ok=True)
        fresh = kept.with_suffix(f".{os.getpid()}")
        fresh.touch(mode=0o600)
        fresh.write_text(os.urandom(32).hex())
        with suppress(FileExistsError):
            os.link(fresh, kept)  # the first process to get here wins
        fresh.unlink()
    return kept.read_text()


SECRET_KEY = secret_key()
# Earlier keys, with commas: what they signed or sealed is still read, and nothing new is made with them.
SECRET_KEY_FALLBACKS = [key.strip() for key in os.environ.get("SECRET_KEY_FALLBACKS", "").split(",") if key.strip()]
ALLOWED_HOSTS = os.environ.get("ALLOWED_HOSTS", "localhost,127.0.0.1,[::1],testserver").split(",")
PUBLIC_URL = os.environ.get("PUBLIC_URL", f"http://localhost:{os.environ.get('PORT', '8000')}").rstrip("/")
CSRF_TRUSTED_ORIGINS = [PUBLIC_URL]

DATABASES = {"default": database(os.environ.get("DATABASE_URL", "postgresql:///townhall"))}
if TESTING:
    DATABASES["default"]["CONN_MAX_AGE"] = 0  # threads of tests come and go
    DATABASES["default"]["TEST"] = {
        "NAME": os.environ.get("TOWNHALL_TEST_DB", "test_townhall"),
        "TEMPLATE": os.environ.get("TOWNHALL_TEST_TEMPLATE"),
        "MIGRATE": "TOWNHALL_TEST_TEMPLATE" not in os.environ,
    }
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

TOWNHALL_APPS = [
    "townhall.core",
    "townhall.ledger",
    "townhall.connectors",
    "townhall.ui",
    "townhall.accounts",
    "townhall.clocks",
    "townhall.notifications",
    "townhall.files",
    "townhall.places",
    "townhall.neighbourhood",
    "townhall.workforce",
    "townhall.catalogue",
    "townhall.payments",
    "townhall.registers",
    "townhall.knowledge",
    "townhall.forms",
    "townhall.customers",
    "townhall.documents",
    "townhall.safety",
    "townhall.inclusion",
    "townhall.contacts",
    "townhall.cases",
    "townhall.street",
    "townhall.penalties",
    "townhall.benefits",
    "townhall.standing",
    "townhall.housing",
    "townhall.permits",
    "townhall.mailroom",
    "townhall.intake",
    "townhall.partners",
    "townhall.telephony",
    "townhall.admissions",
    "townhall.complaints",
    "townhall.engagement",
    "townhall.insight",
    "townhall.outreach",
    "townhall.feedback",
    "townhall.governance",
    "townhall.portal",
    "townhall.workspace",
    "townhall.open311",
    "townhall.config",
]
INSTALLED_APPS = [
    "django.contrib.contenttypes",
    "django.contrib.auth",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    # Apps being built are added when their package is there.
    *(app for app in TOWNHALL_APPS if (BASE_DIR / app.replace(".", "/") / "apps.py").exists()),
]
AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["django.contrib.auth.backends.ModelBackend"]
PASSWORD_HASHERS = [
    "townhall.accounts.hashers.LeanArgon2Hasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "townhall.accounts.passwords.CouncilWordsValidator"},
]
# Staff sessions end after this long without activity (shared desks), and after this long whatever happens.
STAFF_IDLE_SECONDS = number("STAFF_IDLE_SECONDS", default=15 * 60)
STAFF_SESSION_HOURS = number("STAFF_SESSION_HOURS", default=10)
# Sessions of residents end after this long without activity, on a computer that others use sooner, and after this long whatever happens.
RESIDENT_IDLE_SECONDS = number("RESIDENT_IDLE_SECONDS", default=30 * 60)
SHARED_IDLE_SECONDS = number("SHARED_IDLE_SECONDS", default=5 * 60)
RESIDENT_SESSION_HOURS = number("RESIDENT_SESSION_HOURS", default=12)
OIDC_PROVIDERS = os.environ.get(
    "OIDC_PROVIDERS", ""
)  # a YAML file of identity providers that residents may sign in with
# What one address on the internet may send in a quarter of an hour; ten times as many look-ups. 0: as much as it likes.
PUBLIC_REPORTS = number("PUBLIC_REPORTS", default=30)
PROXIES = number("TOWNHALL_PROXIES", default=0)  # reverse proxies in front of us that set X-Forwarded-For

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "townhall.config.request_log.RequestLogMiddleware",
    "townhall.ui.middleware.LanguageMiddleware",
    "townhall.ui.middleware.SurroundingsMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "townhall.accounts.middleware.AccessMiddleware",
    "townhall.insight.middleware.VisitsMiddleware",
]
ROOT_URLCONF = "townhall.config.urls"
WSGI_APPLICATION = "townhall.config.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.jinja2.Jinja2",
        "APP_DIRS": True,
        "OPTIONS": {
            "environment": "townhall.ui.jinja.environment",
            "context_processors": [
                "django.contrib.messages.context_processors.messages",
                "townhall.ui.views.form_token",
                "townhall.workspace.views.header.staff",
                "townhall.workspace.views.safety_help.help_here",
                "townhall.portal.views.entry.context",
            ],
        },
    },
]

FORM_RENDERER = "townhall.ui.fields.Renderer"
CSRF_FAILURE_VIEW = "townhall.ui.views.csrf_failure"

LANGUAGE_CODE = "en-gb"
LANGUAGES = [("en-gb", "English"), ("cy", "Cymraeg")]
SCREEN_LANGUAGES = ["en-gb", *os.environ.get("SCREEN_LANGUAGES", "").split()]  # that all screens have words in
LOCALE_PATHS = [
    *map(Path, filter(None, [os.environ.get("LOCALE_FOLDER", "")])),
    BASE_DIR / "townhall" / "ui" / "locale",
]
USE_TZ = True
TIME_ZONE = "Europe/London"  # for display; stored times are UTC

STATIC_URL = "/static/"
STATIC_ROOT = DATA_DIR / "static"
STORAGES: dict[str, dict[str, Any]] = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": {"location": DATA_DIR / "files"}},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
WHITENOISE_USE_FINDERS = True

MESSAGE_STORAGE = "townhall.ui.middleware.Notices"  # public pages never open a session
SESSION_COOKIE_AGE = 12 * 60 * 60
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_HTTPONLY = True
CSRF_COOKIE_SAMESITE = "Lax"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
if SECURE:
    SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = True
    SESSION_COOKIE_NAME, CSRF_COOKIE_NAME = "__Host-session", "__Host-csrf"
    SECURE_HSTS_SECONDS = 31_536_000
    SECURE_HSTS_INCLUDE_SUBDOMAINS = True
    SECURE_SSL_REDIRECT = flag("SECURE_SSL_REDIRECT", default=True)
    SECURE_REDIRECT_EXEMPT = ["^healthz$"]  # asked from inside, without the proxy
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"event": {"()": "townhall.config.logs.formatter"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "event"}},
    "loggers": {
        "django": {"handlers": ["stderr"], "level": "ERROR"},
        "django.security.DisallowedHost": {"level": "CRITICAL"},  # whoever knocks with a wrong name
    },
}

_start = b64encode(sha256((BASE_DIR / "townhall/ui/start.js").read_bytes().strip()).digest()).decode()
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'self'"],
        "script-src": ["'self'", f"'sha256-{_start}'"],  # the few words that stand in each page
        "img-src": ["'self'", "data:", "blob:"],
        "worker-src": ["'self'", "blob:"],
        "object-src": ["'none'"],
        "base-uri": ["'none'"],
        "form-action": ["'self'"],
        "frame-ancestors": ["'none'"],
    }
}

DATA_UPLOAD_MAX_MEMORY_SIZE = 2_500_000
FILES_MAX_BYTES = number("FILES_MAX_BYTES", default=10_000_000)  # of one upload
# A virus scanner that speaks clamd's protocol: host:port or unix:/path. With one, no upload is served before it was scanned.
CLAMD_ADDRESS = os.environ.get("CLAMD_ADDRESS", "")
# A folder that a scanner or a computer fax writes letters and faxes into, to be taken in from there (docs/post.md). Empty: none.
POST_FOLDER = os.environ.get("POST_FOLDER", "")
DATA_UPLOAD_MAX_NUMBER_FIELDS = 1_000

# The council. What changes without a release (targets, hours, wording) is data, not a setting.
COUNCIL_NAME = os.environ.get("COUNCIL_NAME", "Aldermere Borough Council")
COUNCIL_PHONE = os.environ.get("COUNCIL_PHONE", "01632 960100")
COUNCIL_EMAIL = os.environ.get("COUNCIL_EMAIL", "")
# Domains of the council's own addresses, with commas; empty: those of its mailboxes, teams and of COUNCIL_EMAIL.
COUNCIL_DOMAINS = os.environ.get("COUNCIL_DOMAINS", "").split(",")
# What other systems may call us in `jurisdiction_id` (Open311), with commas.
OPEN311_JURISDICTIONS = os.environ.get("OPEN311_JURISDICTIONS", "aldermere.example.org").split(",")
SOURCE_URL = os.environ.get("SOURCE_URL", "")  # where visitors get the source code that is running (AGPL, section 13)
PROBE_URL = os.environ.get("PROBE_URL", PUBLIC_URL).rstrip(
    "/"
)  # where the worker looks each minute whether the account is there
PHASE = os.environ.get("PHASE", "")  # alpha or beta while the service is new
BRAND_CSS = os.environ.get("BRAND_CSS", "ui/brand.css")  # the static path of the council's colours
# Of the likeliest pairs that staff decided; 0: nothing is merged without asking.
MERGE_AT_PRECISION = share("MERGE_AT_PRECISION", os.environ.get("MERGE_AT_PRECISION", "0"))
# Minutes after a call for help, or an abusive call that was ended, when a report that has not come is asked for.
SAFETY_REPORT_MINUTES = number("SAFETY_REPORT_MINUTES", default=30)
EMAIL_HOST = os.environ.get("EMAIL_HOST", "localhost")
EMAIL_PORT = number("EMAIL_PORT", default=25)
EMAIL_HOST_USER = os.environ.get("EMAIL_HOST_USER", "")
EMAIL_HOST_PASSWORD = os.environ.get("EMAIL_HOST_PASSWORD", "")
EMAIL_USE_TLS = flag("EMAIL_USE_TLS", default=False)
DEFAULT_FROM_EMAIL = os.environ.get("EMAIL_FROM", "no-reply@aldermere.example.org")
EMAIL_REPLY_TO = os.environ.get("EMAIL_REPLY_TO", "")
EMAIL_BOUNCES = os.environ.get("EMAIL_BOUNCES", "")  # where mail that fails comes back to, when not to EMAIL_FROM
BOUNCE_TOKEN = os.environ.get("BOUNCE_TOKEN", "")  # bearer token of whoever hands mail that came back on to us
EMAIL_TIMEOUT = number("EMAIL_TIMEOUT", default=20)  # seconds to wait for each answer of the mail server
EMAIL_PROVIDER = os.environ.get("EMAIL_PROVIDER", "smtp")  # smtp, notify or graph
# Microsoft 365: where Graph and its sign-in are, which differ in national clouds; and the application that sends mail from EMAIL_FROM.
GRAPH_URL = os.environ.get("GRAPH_URL", "https://graph.microsoft.com").rstrip("/")
GRAPH_LOGIN_URL = os.environ.get("GRAPH_LOGIN_URL", "https://login.microsoftonline.com").rstrip("/")
GRAPH_TENANT = os.environ.get("GRAPH_TENANT", "")
GRAPH_CLIENT_ID = os.environ.get("GRAPH_CLIENT_ID", "")
GRAPH_CLIENT_SECRET = os.environ.get("GRAPH_CLIENT_SECRET", "")
TEXT_PROVIDER = os.environ.get("TEXT_PROVIDER", "demo" if DEMO else "")  # notify, demo, or empty for no text messages
# Where letters go: `notify`, `folder` (files to print, in the data directory), `demo` (the mailbox page too), or empty for no letters.
LETTER_PROVIDER = os.environ.get("LETTER_PROVIDER", "demo" if DEMO else "folder")
ALERTS_QUIET = os.environ.get("ALERTS_QUIET", "" if DEMO else "21:00-08:00")  # London hours in which no alert is sent
# Texts that the staff write. Who they are from; above how many people somebody else approves one; what one part costs, in pence; how
# many go in a minute (Notify takes 3,000 messages of all kinds).
TEXT_SENDER = os.environ.get("TEXT_SENDER", "") or COUNCIL_NAME
TEXT_APPROVAL_ABOVE = int(os.environ.get("TEXT_APPROVAL_ABOVE", "50"))
TEXT_PART_PENCE = os.environ.get("TEXT_PART_PENCE", "2.4")
TEXTS_A_MINUTE = int(os.environ.get("TEXTS_A_MINUTE", "2000"))
NOTIFY_BASE_URL = os.environ.get("NOTIFY_BASE_URL", "https://api.notifications.service.gov.uk")
NOTIFY_API_KEY = os.environ.get("NOTIFY_API_KEY", "")
# GOV.UK Notify templates that hold only ((body)), and ((subject)) for email: the words are Townhall's.
NOTIFY_TEXT_TEMPLATE = os.environ.get("NOTIFY_TEXT_TEMPLATE", "")
NOTIFY_EMAIL_TEMPLATE = os.environ.get("NOTIFY_EMAIL_TEMPLATE", "")
NOTIFY_LETTER_TEMPLATE = os.environ.get("NOTIFY_LETTER_TEMPLATE", "")  # with ((subject)) and ((body))
NOTIFY_CALLBACK_TOKEN = os.environ.get("NOTIFY_CALLBACK_TOKEN", "")
MAP_LAYER = os.environ.get("MAP_LAYER", "drawn")  # drawn, osm or os
OS_MAPS_KEY = os.environ.get("OS_MAPS_KEY", "")
OSM_TILE_URL = os.environ.get("OSM_TILE_URL", "https://tile.openstreetmap.org/{z}/{x}/{y}.png")
OSM_ATTRIBUTION = os.environ.get("OSM_ATTRIBUTION", "")  # the line on those tiles; OpenStreetMap's when empty
MAP_FEATURES_FILE = os.environ.get("MAP_FEATURES_FILE", "")  # the drawn map's GeoJSON (shapes: townhall.ui.drawn_map)
_map_hosts = outside_sources(MAP_LAYER, OSM_TILE_URL)
CONTENT_SECURITY_POLICY["DIRECTIVES"]["img-src"] += _map_hosts
CONTENT_SECURITY_POLICY["DIRECTIVES"]["connect-src"] = ["'self'", *_map_hosts]
LEDGER_SEAL_FILE: Path | None = Path(os.environ.get("LEDGER_SEAL_FILE", DATA_DIR / "seals.log"))
ALLOW_PRIVATE_WEBHOOKS = flag("ALLOW_PRIVATE_WEBHOOKS", default=DEMO)  # also http, and machines in our own network
# Hosts that the link checker may call, with commas between them; empty: any public one. Our own pages are always looked at.
LINK_HOSTS = frozenset(part.strip().lower() for part in os.environ.get("LINK_HOSTS", "").split(",") if part.strip())
LINK_CHECKS = flag("LINK_CHECKS", default=not DEMO)
STANDINS_PORT = number("STANDINS_PORT", default=8050)
# School admissions: the SFTP folder of the regional system. Without a host nothing is sent, and the files wait.
ADMISSIONS_SFTP_HOST = os.environ.get("ADMISSIONS_SFTP_HOST", "127.0.0.1" if DEMO else "")
ADMISSIONS_SFTP_PORT = number("ADMISSIONS_SFTP_PORT", default=STANDINS_PORT + 5 if DEMO else 22)
ADMISSIONS_SFTP_USER = os.environ.get("ADMISSIONS_SFTP_USER", "townhall" if DEMO else "")
ADMISSIONS_SFTP_PASSWORD = os.environ.get("ADMISSIONS_SFTP_PASSWORD", "demo" if DEMO else "")
ADMISSIONS_SFTP_KEY_FILE = os.environ.get("ADMISSIONS_SFTP_KEY_FILE", "")  # a private key, in place of a password
# The public key of that host, as text, or a file that holds it: another key is not spoken with.
ADMISSIONS_SFTP_HOST_KEY = os.environ.get(
    "ADMISSIONS_SFTP_HOST_KEY", str(DATA_DIR / "pretend-admissions" / "host_key.pub") if DEMO else ""
)
ADMISSIONS_SFTP_FOLDER = os.environ.get("ADMISSIONS_SFTP_FOLDER", "")
if ADMISSIONS_SFTP_HOST and not ADMISSIONS_SFTP_HOST_KEY:
    raise ImproperlyConfigured(
        "ADMISSIONS_SFTP_HOST_KEY must be set: the public key of the host that ADMISSIONS_SFTP_HOST names."
    )
# Paying. The demo pays at a pretend provider, which `townhall standins` runs beside the other stand-ins.
PAY_STANDIN_PORT = number("PAY_STANDIN_PORT", default=STANDINS_PORT + 1)
# Telepresence: the address of a WebRTC service in which an address is a room, with {room} in it; empty: a page of ours stands in.
VIDEO_ROOM_URL = os.environ.get("VIDEO_ROOM_URL", "")
PHONE_STANDIN_PORT = number("PHONE_STANDIN_PORT", default=STANDINS_PORT + 4)  # of the pretend phone platform
_pretend = f"http://127.0.0.1:{PAY_STANDIN_PORT}" if DEMO else ""
PAY_BASE_URL = os.environ.get(
    "PAY_BASE_URL", f"{_pretend}/pay" if DEMO else ""
)  # GOV.UK Pay's API; empty: nothing can be paid
PAY_API_KEY = os.environ.get("PAY_API_KEY", "demo" if DEMO else "")
PAY_WEBHOOK_SECRET = os.environ.get("PAY_WEBHOOK_SECRET", "demo" if DEMO else "")
PAY_TERMINAL_URL = os.environ.get(
    "PAY_TERMINAL_URL", f"{_pretend}/terminal" if DEMO else ""
)  # of the counters' terminals
PAY_TERMINAL_KEY = os.environ.get("PAY_TERMINAL_KEY", "demo" if DEMO else "")
# Where a payer is sent on to from our pages: the browser follows a form there and nowhere else.
PAY_PAGES = os.environ.get("PAY_PAGES", _pretend if DEMO else "https://www.payments.service.gov.uk")
if PAY_BASE_URL and not PAY_API_KEY:
    raise ImproperlyConfigured("PAY_API_KEY must be set: the key of the payment provider that PAY_BASE_URL names.")
if PAY_BASE_URL:
    CONTENT_SECURITY_POLICY["DIRECTIVES"]["form-action"] += [PAY_PAGES]
