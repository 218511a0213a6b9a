from django.db import migrations, models

PREENCHER = """
UPDATE empresas_empresa e SET lugar = m.busca || ' ' || lower(m.uf) FROM empresas_municipio m WHERE m.codigo_ibge = e.municipio_id
"""


class Migration(migrations.Migration):
    dependencies = [("empresas", "0003_matriz_da_mesma_raiz")]
    operations = [
        migrations.AddField(
            "empresa",
            "lugar",
            models.CharField(max_length=63, editable=False, blank=True, default=""),
            preserve_default=False,
        ),
        migrations.RunSQL(PREENCHER, migrations.RunSQL.noop),
    ]
