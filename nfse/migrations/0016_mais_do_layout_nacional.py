import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("nfse", "0015_convenio_nao_lido")]

    operations = [
        migrations.AddField(
            model_name="nota",
            name="destinatario",
            field=models.ForeignKey(
                blank=True,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="nfse.tomador",
                verbose_name="destinatário",
            ),
        ),
        migrations.AlterField(
            model_name="canalnfse",
            name="regime_tributacao",
            field=models.CharField(
                blank=True,
                choices=[
                    ("microempresa", "Microempresa municipal"),
                    ("estimativa", "Estimativa"),
                    ("sociedade", "Sociedade de profissionais"),
                    ("cooperativa", "Cooperativa"),
                    ("mei", "Microempresário individual (MEI)"),
                    ("me_epp", "Microempresa ou empresa de pequeno porte (ME/EPP)"),
                    ("notario", "Notário ou registrador"),
                    ("autonomo", "Profissional autônomo"),
                    ("outros", "Outros"),
                ],
                db_default="",
                default="",
                max_length=15,
                verbose_name="regime especial de tributação",
            ),
        ),
        migrations.AlterField(
            model_name="parametromunicipal",
            name="servico",
            field=models.CharField(
                blank=True, max_length=14, verbose_name="código nacional (cTribNac) ou número do benefício"
            ),
        ),
        migrations.AlterField(
            model_name="parametromunicipal",
            name="tipo",
            field=models.CharField(
                choices=[
                    ("aliquota", "Alíquota do ISS"),
                    ("regimes", "Regimes especiais"),
                    ("retencoes", "Retenções do ISS"),
                    ("beneficio", "Benefício municipal"),
                ],
                max_length=10,
                verbose_name="o que se perguntou",
            ),
        ),
        migrations.AddIndex(
            model_name="nota",
            index=models.Index(
                condition=models.Q(("destinatario__isnull", False)), fields=["destinatario"], name="nota_destinatario"
            ),
        ),
    ]
