import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("empresas", "0003_contagens"),
        ("nfse", "0005_recebidas"),
    ]

    operations = [
        migrations.AddField(
            model_name="canalnfse",
            name="carga_municipal",
            field=models.DecimalField(
                blank=True, decimal_places=2, max_digits=5, null=True, verbose_name="carga tributária municipal (%)"
            ),
        ),
        migrations.AddField(
            model_name="canalnfse",
            name="exigibilidade",
            field=models.CharField(
                blank=True,
                choices=[
                    ("exigivel", "Exigível"),
                    ("nao_incidencia", "Não incidência"),
                    ("isencao", "Isenção"),
                    ("exportacao", "Exportação de serviço"),
                    ("imunidade", "Imunidade"),
                    ("susp_judicial", "Suspensa por decisão judicial"),
                    ("susp_admin", "Suspensa por processo administrativo"),
                ],
                db_default="",
                default="",
                max_length=15,
                verbose_name="exigibilidade do ISS",
            ),
        ),
        migrations.AddField(
            model_name="canalnfse",
            name="incentivo_fiscal",
            field=models.BooleanField(blank=True, null=True, verbose_name="incentivo fiscal"),
        ),
        migrations.AddField(
            model_name="canalnfse",
            name="natureza",
            field=models.CharField(
                blank=True,
                choices=[
                    ("no_municipio", "Tributação no município"),
                    ("fora", "Tributação fora do município"),
                    ("isencao", "Isenção"),
                    ("imune", "Imune"),
                    ("susp_judicial", "Exigibilidade suspensa por decisão judicial"),
                    ("susp_admin", "Exigibilidade suspensa por procedimento administrativo"),
                ],
                db_default="",
                default="",
                max_length=15,
                verbose_name="natureza da operação",
            ),
        ),
        migrations.AddField(
            model_name="canalnfse",
            name="regime_apuracao",
            field=models.CharField(
                blank=True,
                choices=[
                    ("no_simples", "Federais e municipal pelo Simples"),
                    ("iss_por_fora", "Federais pelo Simples e ISS por fora"),
                    ("por_fora", "Federais e municipal por fora do Simples"),
                ],
                db_default="",
                default="",
                max_length=15,
                verbose_name="regime de apuração no Simples",
            ),
        ),
        migrations.AddField(
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
                ],
                db_default="",
                default="",
                max_length=15,
                verbose_name="regime especial de tributação",
            ),
        ),
        migrations.AddField(
            model_name="nota",
            name="consumidor_final",
            field=models.BooleanField(db_default=False, default=False, verbose_name="uso ou consumo pessoal"),
        ),
        migrations.AddField(
            model_name="nota",
            name="exigibilidade",
            field=models.CharField(
                blank=True,
                choices=[
                    ("exigivel", "Exigível"),
                    ("nao_incidencia", "Não incidência"),
                    ("isencao", "Isenção"),
                    ("exportacao", "Exportação de serviço"),
                    ("imunidade", "Imunidade"),
                    ("susp_judicial", "Suspensa por decisão judicial"),
                    ("susp_admin", "Suspensa por processo administrativo"),
                ],
                db_default="",
                default="",
                max_length=15,
                verbose_name="exigibilidade do ISS",
            ),
        ),
        migrations.AddField(
            model_name="nota",
            name="ibs_cbs_classificacao",
            field=models.CharField(
                blank=True,
                db_default="",
                default="",
                max_length=6,
                verbose_name="classificação tributária (cClassTrib)",
            ),
        ),
        migrations.AddField(
            model_name="nota",
            name="ibs_cbs_fornecimento",
            field=models.CharField(
                blank=True, db_default="", default="", max_length=6, verbose_name="indicador da operação (cIndOp)"
            ),
        ),
        migrations.AddField(
            model_name="nota",
            name="ibs_cbs_situacao",
            field=models.CharField(
                blank=True, db_default="", default="", max_length=3, verbose_name="CST do IBS e da CBS"
            ),
        ),
        migrations.AddField(
            model_name="nota",
            name="intermediario_documento",
            field=models.CharField(
                blank=True, db_default="", default="", max_length=14, verbose_name="CNPJ ou CPF do intermediário"
            ),
        ),
        migrations.AddField(
            model_name="nota",
            name="intermediario_im",
            field=models.CharField(
                blank=True,
                db_default="",
                default="",
                max_length=20,
                verbose_name="inscrição municipal do intermediário",
            ),
        ),
        migrations.AddField(
            model_name="nota",
            name="intermediario_nome",
            field=models.CharField(
                blank=True, db_default="", default="", max_length=150, verbose_name="nome do intermediário"
            ),
        ),
        migrations.AddField(
            model_name="nota",
            name="municipio_incidencia",
            field=models.ForeignKey(
                blank=True,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="empresas.municipio",
                verbose_name="município de incidência do ISS",
            ),
        ),
        migrations.AddField(
            model_name="nota",
            name="natureza",
            field=models.CharField(
                blank=True,
                choices=[
                    ("no_municipio", "Tributação no município"),
                    ("fora", "Tributação fora do município"),
                    ("isencao", "Isenção"),
                    ("imune", "Imune"),
                    ("susp_judicial", "Exigibilidade suspensa por decisão judicial"),
                    ("susp_admin", "Exigibilidade suspensa por procedimento administrativo"),
                ],
                db_default="",
                default="",
                max_length=15,
                verbose_name="natureza da operação",
            ),
        ),
        migrations.AddField(
            model_name="nota",
            name="obra_art",
            field=models.CharField(blank=True, db_default="", default="", max_length=30, verbose_name="ART da obra"),
        ),
        migrations.AddField(
            model_name="nota",
            name="obra_codigo",
            field=models.CharField(
                blank=True, db_default="", default="", max_length=30, verbose_name="código da obra (CNO ou CEI)"
            ),
        ),
        migrations.AddField(
            model_name="nota",
            name="responsavel_retencao",
            field=models.CharField(
                blank=True,
                choices=[("tomador", "Tomador"), ("intermediario", "Intermediário")],
                db_default="",
                default="",
                max_length=15,
                verbose_name="responsável pela retenção",
            ),
        ),
        migrations.AddField(
            model_name="servico",
            name="exige_obra",
            field=models.BooleanField(db_default=False, default=False, verbose_name="é de obra"),
        ),
        migrations.AddField(
            model_name="servico",
            name="exigibilidade",
            field=models.CharField(
                blank=True,
                choices=[
                    ("exigivel", "Exigível"),
                    ("nao_incidencia", "Não incidência"),
                    ("isencao", "Isenção"),
                    ("exportacao", "Exportação de serviço"),
                    ("imunidade", "Imunidade"),
                    ("susp_judicial", "Suspensa por decisão judicial"),
                    ("susp_admin", "Suspensa por processo administrativo"),
                ],
                db_default="",
                default="",
                max_length=15,
                verbose_name="exigibilidade do ISS",
            ),
        ),
        migrations.AddField(
            model_name="servico",
            name="ibs_cbs_classificacao",
            field=models.CharField(
                blank=True,
                db_default="",
                default="",
                max_length=6,
                verbose_name="classificação tributária (cClassTrib)",
            ),
        ),
        migrations.AddField(
            model_name="servico",
            name="ibs_cbs_fornecimento",
            field=models.CharField(
                blank=True, db_default="", default="", max_length=6, verbose_name="indicador da operação (cIndOp)"
            ),
        ),
        migrations.AddField(
            model_name="servico",
            name="ibs_cbs_situacao",
            field=models.CharField(
                blank=True, db_default="", default="", max_length=3, verbose_name="CST do IBS e da CBS"
            ),
        ),
        migrations.AddField(
            model_name="tomadornocanal",
            name="documento",
            field=models.CharField(
                blank=True, db_default="", default="", max_length=18, verbose_name="documento, como o serviço escreve"
            ),
        ),
    ]
