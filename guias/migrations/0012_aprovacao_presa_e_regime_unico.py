"""The approval is pinned to the declaration; one table of the yearly regime; what is told of sublimit, of what is paid
outside the DAS, of who declares without being of the Simples, and of ICMS due to another state."""

import django.core.validators
import django.db.models.deletion
from django.db import migrations, models


# What the office said goes to the table of what the Receita has, whose row wins. The constraints are checked at once:
# a table with rows still to check cannot be altered.
JUNTAR_REGIMES = """
INSERT INTO guias_opcaoregime (empresa_id, ano, regime, na_receita)
SELECT empresa_id, ano, upper(regime), false FROM guias_opcaoderegime
ON CONFLICT DO NOTHING;
SET CONSTRAINTS ALL IMMEDIATE;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("empresas", "0004_contatos"),
        ("guias", "0011_debitos_e_eventos_federais"),
    ]

    operations = [
        migrations.AddField(
            "opcaoregime",
            "na_receita",
            models.BooleanField(db_default=True, default=True, verbose_name="consta na Receita"),
        ),
        migrations.RunSQL(JUNTAR_REGIMES, migrations.RunSQL.noop),
        migrations.DeleteModel("OpcaoDeRegime"),
        migrations.AddField(
            model_name="apuracao",
            name="impressao",
            field=models.CharField(
                blank=True, db_default="", default="", max_length=64, verbose_name="impressão da declaração"
            ),
        ),
        migrations.AddField(
            model_name="apuracao",
            name="reaberta_porque",
            field=models.TextField(
                blank=True, db_default="", default="", verbose_name="por que a aprovação foi desfeita"
            ),
        ),
        migrations.AlterField(
            model_name="opcaoregime",
            name="ano",
            field=models.PositiveSmallIntegerField(
                validators=[
                    django.core.validators.MinValueValidator(2018),
                    django.core.validators.MaxValueValidator(2100),
                ],
                verbose_name="ano-calendário",
            ),
        ),
        migrations.AlterField(
            model_name="opcaoregime",
            name="empresa",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="opcoes_de_regime",
                to="empresas.empresa",
                verbose_name="empresa",
            ),
        ),
        migrations.RemoveConstraint(model_name="receita", name="receita_da_porcao_unica"),
        migrations.AddField(
            model_name="receita",
            name="uf_icms",
            field=models.CharField(blank=True, db_default="", default="", max_length=2, verbose_name="UF do ICMS"),
        ),
        migrations.AddConstraint(
            model_name="receita",
            constraint=models.UniqueConstraint(
                fields=("empresa", "competencia", "atividade", "tratamento", "municipio_iss", "uf_icms", "ajuste"),
                name="receita_da_porcao_unica",
                nulls_distinct=False,
            ),
        ),
        migrations.AddConstraint(
            model_name="receita",
            constraint=models.CheckConstraint(
                condition=models.Q(("uf_icms", ""), ("atividade__in", (34, 35, 36, 37)), _connector="OR"),
                name="receita_uf_devida",
            ),
        ),
        migrations.CreateModel(
            name="Sublimite",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("uf", models.CharField(max_length=2, verbose_name="UF")),
                (
                    "ano",
                    models.PositiveSmallIntegerField(
                        validators=[
                            django.core.validators.MinValueValidator(2018),
                            django.core.validators.MaxValueValidator(2100),
                        ],
                        verbose_name="ano",
                    ),
                ),
                ("valor", models.DecimalField(decimal_places=2, max_digits=14, verbose_name="sublimite")),
            ],
            options={
                "verbose_name": "sublimite do estado",
                "verbose_name_plural": "sublimites dos estados",
                "ordering": ["-ano", "uf"],
                "constraints": [
                    models.UniqueConstraint(fields=("uf", "ano"), name="sublimite_do_ano"),
                    models.CheckConstraint(condition=models.Q(("valor__gt", 0)), name="sublimite_positivo"),
                ],
            },
        ),
        migrations.CreateModel(
            name="ForaDoDas",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("desde", models.DateField(verbose_name="desde a competência")),
                ("icms_iss", models.BooleanField(default=False, verbose_name="ICMS e ISS fora do DAS")),
                ("ibs_cbs", models.BooleanField(default=False, verbose_name="CBS e IBS pelo regime regular")),
                (
                    "empresa",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="fora_do_das",
                        to="empresas.empresa",
                        verbose_name="empresa",
                    ),
                ),
            ],
            options={
                "verbose_name": "tributos fora do DAS",
                "verbose_name_plural": "tributos fora do DAS",
                "ordering": ["empresa", "-desde"],
                "constraints": [models.UniqueConstraint(fields=("empresa", "desde"), name="fora_do_das_desde")],
            },
        ),
        migrations.CreateModel(
            name="NaoOptante",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "esfera",
                    models.PositiveSmallIntegerField(
                        choices=[(1, "1 · Federal"), (2, "2 · Distrital"), (3, "3 · Estadual"), (4, "4 · Municipal")],
                        verbose_name="esfera administrativa",
                    ),
                ),
                ("processo", models.CharField(max_length=20, verbose_name="número do processo")),
                (
                    "empresa",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="nao_optante",
                        to="empresas.empresa",
                        verbose_name="empresa",
                    ),
                ),
                (
                    "municipio",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="empresas.municipio",
                        verbose_name="município",
                    ),
                ),
            ],
            options={
                "verbose_name": "declaração de não optante",
                "verbose_name_plural": "declarações de não optantes",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("processo__regex", "^[0-9]{1,20}$")), name="nao_optante_processo"
                    ),
                    models.CheckConstraint(condition=models.Q(("esfera__in", [1, 2, 3, 4])), name="nao_optante_esfera"),
                ],
            },
        ),
    ]
