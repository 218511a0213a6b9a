"""The Procrastinate app: periodic tasks are declared in each app's tasks.py."""

from procrastinate import App


def configurar(app: App) -> None:
    """PROCRASTINATE_ON_APP_READY: nothing beyond the tasks that Django's autodiscovery found."""
