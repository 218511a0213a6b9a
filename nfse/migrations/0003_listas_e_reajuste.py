from django.db import migrations, models

from comum.contagens import acompanhar


class Migration(migrations.Migration):
    dependencies = [
        ("empresas", "0003_contagens"),
        ("nfse", "0002_historico_e_regras"),
    ]

    operations = [
        migrations.RemoveIndex(
            model_name="tomador",
            name="tomador_ordem",
        ),
        migrations.RemoveIndex(
            model_name="tomador",
            name="tomador_documento",
        ),
        migrations.AddField(
            model_name="contrato",
            name="anterior_desde",
            field=models.DateField(blank=True, editable=False, null=True, verbose_name="valor anterior desde"),
        ),
        migrations.AddField(
            model_name="contrato",
            name="ordem",
            field=models.CharField(db_default="", editable=False, max_length=150),
        ),
        migrations.AddField(
            model_name="contrato",
            name="valor_anterior",
            field=models.DecimalField(
                blank=True, decimal_places=2, editable=False, max_digits=14, null=True, verbose_name="valor anterior"
            ),
        ),
        migrations.AddField(
            model_name="servico",
            name="busca",
            field=models.TextField(db_default="", editable=False),
        ),
        migrations.AddField(
            model_name="servico",
            name="ordem",
            field=models.CharField(db_default="", editable=False, max_length=80),
        ),
        migrations.AddField(
            model_name="tomador",
            name="endereco_falta",
            field=models.GeneratedField(
                db_persist=True,
                expression=models.Case(
                    models.When(
                        models.Q(
                            ("logradouro", ""),
                            ("numero", ""),
                            models.Q(
                                ("pais", "BR"),
                                models.Q(("municipio", None), ("cep", ""), ("bairro", ""), _connector="OR"),
                            ),
                            models.Q(models.Q(("pais", "BR"), _negated=True), ("cidade_exterior", "")),
                            _connector="OR",
                        ),
                        then=models.Value(True),
                    ),
                    default=models.Value(False),
                ),
                output_field=models.BooleanField(verbose_name="falta o endereço"),
            ),
        ),
        migrations.AddIndex(
            model_name="contrato",
            index=models.Index(fields=["ordem", "id"], include=("empresa",), name="contrato_ordem"),
        ),
        migrations.AddIndex(
            model_name="contrato",
            index=models.Index(fields=["empresa", "ordem", "id"], name="contrato_empresa_ordem"),
        ),
        migrations.AddIndex(
            model_name="contrato",
            index=models.Index(fields=["valor", "ordem", "id"], name="contrato_valor"),
        ),
        migrations.AddIndex(
            model_name="contrato",
            index=models.Index(fields=["dia", "ordem", "id"], name="contrato_dia_ordem"),
        ),
        migrations.AddIndex(
            model_name="servico",
            index=models.Index(fields=["ordem", "id"], include=("empresa",), name="servico_ordem"),
        ),
        migrations.AddIndex(
            model_name="servico",
            index=models.Index(fields=["empresa", "ordem", "id"], name="servico_empresa_ordem"),
        ),
        migrations.AddIndex(
            model_name="servico",
            index=models.Index(fields=["codigo", "id"], name="servico_codigo"),
        ),
        migrations.AddIndex(
            model_name="tomador",
            index=models.Index(fields=["ordem", "id"], include=("empresa", "municipio", "ativo"), name="tomador_ordem"),
        ),
        migrations.AddIndex(
            model_name="tomador",
            index=models.Index(fields=["documento", "id"], include=("empresa",), name="tomador_documento"),
        ),
        migrations.AddIndex(
            model_name="tomador",
            index=models.Index(fields=["municipio", "ordem", "id"], name="tomador_municipio"),
        ),
        migrations.AddIndex(
            model_name="tomador",
            index=models.Index(
                condition=models.Q(("endereco_falta", True)), fields=["ordem", "id"], name="tomador_sem_endereco"
            ),
        ),
        migrations.AddIndex(
            model_name="tomador",
            index=models.Index(condition=models.Q(("ativo", False)), fields=["ordem", "id"], name="tomador_inativo"),
        ),
        migrations.AddConstraint(
            model_name="contrato",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("anterior_desde", None), ("valor_anterior", None)),
                    models.Q(("anterior_desde__lt", models.F("valor_desde")), ("valor_anterior__gt", 0)),
                    _connector="OR",
                ),
                name="contrato_valor_anterior",
            ),
        ),
        migrations.RunSQL(*acompanhar("nfse_servico", "nfse_contrato")),
    ]
