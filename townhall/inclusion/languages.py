"""The languages that people ask for, by BCP 47 tag, and the formats that a text can be had in."""

from __future__ import annotations

from typing import Final

from django.utils.translation import gettext_lazy as _

# standards.md 10.3; each by the name its speakers know it by.
LANGUAGES: Final[dict[str, str]] = {
    "en": "English",
    "cy": "Cymraeg",
    "gd": "Gàidhlig",
    "ga": "Gaeilge",
    "pl": "Polski",
    "ro": "Română",
    "pt": "Português",
    "es": "Español",
    "it": "Italiano",
    "fr": "Français",
    "de": "Deutsch",
    "hu": "Magyar",
    "cs": "Čeština",
    "sk": "Slovenčina",
    "bg": "Български",
    "lt": "Lietuvių",
    "lv": "Latviešu",
    "ru": "Русский",
    "uk": "Українська",
    "sq": "Shqip",
    "tr": "Türkçe",
    "el": "Ελληνικά",
    "ar": "العربية",
    "fa": "فارسی",
    "ps": "پښتو",
    "ku": "Kurdî",
    "ckb": "کوردی",
    "ur": "اردو",
    "hi": "हिन्दी",
    "bn": "বাংলা",
    "gu": "ગુજરાતી",
    "pa": "ਪੰਜਾਬੀ",
    "ta": "தமிழ்",
    "te": "తెలుగు",
    "ml": "മലയാളം",
    "ne": "नेपाली",
    "si": "සිංහල",
    "zh-Hans": "简体中文",
    "zh-Hant": "繁體中文",
    "yue": "粵語",
    "vi": "Tiếng Việt",
    "th": "ไทย",
    "tl": "Tagalog",
    "so": "Soomaali",
    "am": "አማርኛ",
    "ti": "ትግርኛ",
    "sw": "Kiswahili",
    "rom": "Romani",
    "bfi": "British Sign Language",
}

FORMATS: Final = {
    "large_print": _("Large print"),
    "braille": _("Braille"),
    "easy_read": _("Easy read"),
    "audio": _("Audio"),
    "plain_text": _("Plain text"),
    "coloured_paper": _("Coloured paper"),
    "bsl_video": _("Sign-language video"),
}


def named(code: str) -> str:
    """A language or a format in words; the code where it is not known."""
    return LANGUAGES.get(code) or str(FORMATS.get(code, code))


def spoken() -> list[tuple[str, str]]:
    """To choose from for an interpreter."""
    return [(code, name) for code, name in LANGUAGES.items() if code not in ("en", "bfi")]
