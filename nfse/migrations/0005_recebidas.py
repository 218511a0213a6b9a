from django.db import migrations, models

from comum.contagens import acompanhar


class Migration(migrations.Migration):
    dependencies = [
        ("arquivo", "0003_alter_documento_tipo"),
        ("empresas", "0003_contagens"),
        ("nfse", "0004_lista_de_notas"),
    ]

    operations = [
        migrations.AddField(
            model_name="notarecebida",
            name="busca",
            field=models.TextField(db_default="", editable=False),
        ),
        migrations.AddField(
            model_name="notarecebida",
            name="eventos",
            field=models.JSONField(default=list, verbose_name="eventos"),
        ),
        migrations.AddField(
            model_name="notarecebida",
            name="ilegivel",
            field=models.BooleanField(db_default=False, verbose_name="XML não lido"),
        ),
        migrations.AddField(
            model_name="notarecebida",
            name="ordem",
            field=models.CharField(db_default="", editable=False, max_length=150),
        ),
        migrations.AddIndex(
            model_name="notarecebida",
            index=models.Index(fields=["competencia", "emissao", "id"], name="recebida_emissao"),
        ),
        migrations.AddIndex(
            model_name="notarecebida",
            index=models.Index(fields=["competencia", "ordem", "id"], name="recebida_ordem"),
        ),
        migrations.RunSQL(*acompanhar("nfse_notarecebida")),
    ]
