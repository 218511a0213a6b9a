from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("operacoes", "0003_limites_pausas_e_indices"),
    ]

    operations = [
        migrations.RemoveIndex(
            model_name="operacao",
            name="operacao_acesso",
        ),
        migrations.AddIndex(
            model_name="operacao",
            index=models.Index(fields=["acesso", "enviada_em"], name="operacao_acesso"),
        ),
    ]
