import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

application = get_wsgi_application()

from comum.instalacao import check_ambiente  # noqa: E402 - models exist only after the line above

check_ambiente()
