import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("empresas", "0004_contatos"), ("nfse", "0013_parametros_municipais")]

    operations = [
        migrations.CreateModel(
            name="NumeroDeFora",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("nacional", models.BooleanField(verbose_name="do leiaute nacional")),
                ("serie", models.CharField(blank=True, max_length=20, verbose_name="série")),
                ("numero", models.PositiveBigIntegerField(verbose_name="número")),
                (
                    "empresa",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="empresas.empresa",
                        verbose_name="empresa",
                    ),
                ),
            ],
            options={
                "verbose_name": "número de fora",
                "verbose_name_plural": "números de fora",
                "ordering": ["empresa", "nacional", "serie", "numero"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("empresa", "nacional", "serie", "numero"), name="numero_de_fora_unico"
                    )
                ],
            },
        ),
    ]
