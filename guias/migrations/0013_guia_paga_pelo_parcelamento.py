from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("guias", "0012_aprovacao_presa_e_regime_unico")]

    operations = [
        migrations.AlterField(
            model_name="guia",
            name="fonte",
            field=models.CharField(
                blank=True,
                choices=[
                    ("", ""),
                    ("pagtoweb", "Pagamentos da Receita"),
                    ("pgdasd", "PGDAS-D"),
                    ("parcelas", "Parcelamento na Receita"),
                ],
                db_default="",
                default="",
                max_length=8,
                verbose_name="quem informou",
            ),
        ),
    ]
