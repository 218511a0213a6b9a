from typing import ClassVar

from django.db import migrations

_GATILHO = (
    "CREATE TRIGGER efeito_sem_{0} BEFORE {0} ON nucleo_efeito "
    "BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END"
)


class Migration(migrations.Migration):
    dependencies: ClassVar[list[tuple[str, str]]] = [("nucleo", "0001_initial")]
    operations: ClassVar[list[migrations.RunSQL]] = [
        migrations.RunSQL(_GATILHO.format(acao), f"DROP TRIGGER efeito_sem_{acao}") for acao in ("update", "delete")
    ]
