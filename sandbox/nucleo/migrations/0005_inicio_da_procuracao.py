from datetime import date
from typing import Any, ClassVar

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies: ClassVar[list[tuple[str, str]]] = [("nucleo", "0004_documento")]
    operations: ClassVar[list[Any]] = [
        migrations.AddField("procuracao", "inicio", models.DateField(default=date(2000, 1, 1))),
    ]
