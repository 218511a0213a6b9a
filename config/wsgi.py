import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

application = get_wsgi_application()

from django.db import connection  # noqa: E402 - settings exist only after the lines above

from comum.instalacao import check_ambiente  # noqa: E402

check_ambiente()
# The web processes are forked from this one and open their own: neither connections nor a pool's threads are inherited.
connection.close()
connection.close_pool()  # type: ignore[attr-defined]
