from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("nfse", "0003_listas_e_reajuste")]

    operations = [
        migrations.RemoveIndex(model_name="nota", name="nota_competencia"),
        migrations.AddIndex(
            model_name="nota",
            index=models.Index(fields=["competencia", "emissao", "id"], name="nota_comp_emissao"),
        ),
        migrations.AddIndex(
            model_name="nota",
            index=models.Index(
                fields=["competencia", "situacao", "emissao", "id"],
                name="nota_lista",
                include=["empresa", "valor_servicos", "valor_iss", "valor_retido", "valor_liquido", "busca"],
            ),
        ),
    ]
