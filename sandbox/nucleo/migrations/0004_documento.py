from typing import Any, ClassVar

from django.db import migrations, models

# Adding a column makes SQLite's table anew, and the new one comes without the triggers of 0002.
_GATILHO = (
    "CREATE TRIGGER IF NOT EXISTS efeito_sem_{0} BEFORE {0} ON nucleo_efeito "
    "BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END"
)


class Migration(migrations.Migration):
    dependencies: ClassVar[list[tuple[str, str]]] = [("nucleo", "0003_limites")]
    operations: ClassVar[list[Any]] = [
        migrations.AddField("cenario", "documento", models.CharField(blank=True, max_length=60)),
        migrations.AddField("efeito", "documento", models.CharField(blank=True, db_index=True, max_length=60)),
        migrations.AlterField("contagem", "chave", models.CharField(blank=True, max_length=80)),
        *(
            migrations.RunSQL(_GATILHO.format(acao), f"DROP TRIGGER IF EXISTS efeito_sem_{acao}")
            for acao in ("update", "delete")
        ),
    ]
