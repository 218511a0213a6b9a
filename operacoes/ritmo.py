"""The engine's own waits, all shortened alike where a rehearsal cannot last as long as the real thing (MOTOR_RITMO)."""

from datetime import timedelta

from django.conf import settings

RITMO: float = settings.MOTOR_RITMO


def no_ritmo(tempo: timedelta) -> timedelta:
    return tempo * RITMO
