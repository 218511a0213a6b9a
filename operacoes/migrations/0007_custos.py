from decimal import Decimal

import django.contrib.postgres.fields
import django.core.validators
import django.db.models.deletion
import django.db.models.functions.datetime
from django.conf import settings
from django.db import migrations, models

CLASSES = [
    ("consulta", "Consulta"),
    ("emissao", "Emissão"),
    ("declaracao", "Declaração"),
    ("gratis", "Sem cobrança"),
]

# Every row of Tentativa carries what its period is counted by, whoever inserts it: the version before this one, still
# running beside it, knows nothing of these columns.
COPIAR = """
CREATE FUNCTION tentativa_de_quem() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    SELECT o.acesso, o.tipo, o.empresa_id, coalesce(c.conta, o.acesso)
      INTO NEW.acesso, NEW.tipo, NEW.empresa_id, NEW.conta
      FROM operacoes_operacao o LEFT JOIN operacoes_acessocobrado c ON c.acesso = o.acesso
     WHERE o.id = NEW.operacao_id;
    RETURN NEW;
END $$;
CREATE TRIGGER tentativa_de_quem BEFORE INSERT ON operacoes_tentativa
    FOR EACH ROW EXECUTE FUNCTION tentativa_de_quem();
UPDATE operacoes_tentativa t
   SET acesso = o.acesso, tipo = o.tipo, empresa_id = o.empresa_id, conta = o.acesso,
       incertas = CASE WHEN t.cobrada AND t.http_status = 504
                       THEN t.cobrancas[cardinality(t.cobrancas):cardinality(t.cobrancas)] ELSE '{}' END
  FROM operacoes_operacao o WHERE o.id = t.operacao_id;
-- An index is not built while checks of the UPDATE wait for the commit.
SET CONSTRAINTS ALL IMMEDIATE;
"""
DESFAZER = """
DROP TRIGGER tentativa_de_quem ON operacoes_tentativa;
DROP FUNCTION tentativa_de_quem();
"""

# A table of prices is what its rows of one date are; where those come from was said in the code until now.
DATAR = """
INSERT INTO operacoes_tabelapreco (vigente_desde, fonte, certeza)
SELECT DISTINCT vigente_desde, CASE WHEN vigente_desde = date '2025-12-06'
           THEN 'Anexo de um contrato do SERPRO Integra Contador, como extraído em 06/12/2025.'
           ELSE 'Incluída pelo administrador.' END,
       CASE WHEN vigente_desde = date '2025-12-06'
           THEN 'O SERPRO reajusta os preços todo ano pelo IPCA: confira com o seu contrato e, se diferir, inclua uma '
               || 'tabela com a data do reajuste.'
           ELSE '' END
  FROM operacoes_faixapreco;
ALTER TABLE operacoes_faixapreco ADD CONSTRAINT operacoes_faixapreco_tabela_fk FOREIGN KEY (vigente_desde)
    REFERENCES operacoes_tabelapreco (vigente_desde) DEFERRABLE INITIALLY DEFERRED;
"""
DESDATAR = "ALTER TABLE operacoes_faixapreco DROP CONSTRAINT operacoes_faixapreco_tabela_fk;"


class Migration(migrations.Migration):
    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
        ("empresas", "0003_contagens"),
        ("operacoes", "0006_empresas_de_um_lote"),
    ]

    operations = [
        migrations.CreateModel(
            name="AcessoCobrado",
            fields=[
                ("acesso", models.CharField(max_length=40, primary_key=True, serialize=False, verbose_name="acesso")),
                ("conta", models.CharField(db_index=True, max_length=40, verbose_name="conta")),
                ("nome", models.CharField(blank=True, max_length=150, verbose_name="contratante")),
                ("rotulo", models.CharField(max_length=120, verbose_name="acesso em palavras")),
            ],
            options={
                "verbose_name": "acesso cobrado",
                "verbose_name_plural": "acessos cobrados",
                "ordering": ["rotulo"],
            },
        ),
        migrations.CreateModel(
            name="TabelaPreco",
            fields=[
                ("vigente_desde", models.DateField(primary_key=True, serialize=False, verbose_name="vigente desde")),
                (
                    "fonte",
                    models.CharField(
                        help_text="O contrato ou o aditivo, com a data.", max_length=200, verbose_name="fonte"
                    ),
                ),
                (
                    "certeza",
                    models.CharField(
                        blank=True,
                        help_text="Aparece ao lado dos preços na página Custos.",
                        max_length=300,
                        verbose_name="quanto se sabe",
                    ),
                ),
                (
                    "criada_em",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(), editable=False, verbose_name="criada em"
                    ),
                ),
            ],
            options={
                "verbose_name": "tabela de preços",
                "verbose_name_plural": "tabelas de preços",
                "ordering": ["-vigente_desde"],
            },
        ),
        migrations.SeparateDatabaseAndState(
            database_operations=[migrations.RunSQL(DATAR, DESDATAR)],
            state_operations=[
                migrations.RemoveConstraint("faixapreco", "faixa_preco_unica"),
                migrations.RemoveField("faixapreco", "vigente_desde"),
                migrations.AddField(
                    "faixapreco",
                    "tabela",
                    models.ForeignKey(
                        db_column="vigente_desde",
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="faixas",
                        to="operacoes.tabelapreco",
                        verbose_name="tabela",
                    ),
                    preserve_default=False,
                ),
                migrations.AddConstraint(
                    "faixapreco",
                    models.UniqueConstraint(
                        fields=("tabela", "classe", "ate"), name="faixa_preco_unica", nulls_distinct=False
                    ),
                ),
                migrations.AlterModelOptions(
                    "faixapreco",
                    {
                        "ordering": ["-tabela", "classe", "ate"],
                        "verbose_name": "faixa de preço",
                        "verbose_name_plural": "faixas de preço",
                    },
                ),
                migrations.AlterField(
                    "faixapreco",
                    "classe",
                    models.CharField(choices=CLASSES[:3], max_length=12, verbose_name="classe"),
                ),
                migrations.AlterField(
                    "faixapreco",
                    "ate",
                    models.PositiveIntegerField(
                        blank=True,
                        null=True,
                        validators=[django.core.validators.MinValueValidator(1)],
                        verbose_name="até (chamadas)",
                    ),
                ),
                migrations.AlterField(
                    "faixapreco",
                    "preco",
                    models.DecimalField(
                        decimal_places=4,
                        max_digits=8,
                        validators=[django.core.validators.MinValueValidator(Decimal("0.0001"))],
                        verbose_name="preço (R$)",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Teto",
            fields=[
                ("conta", models.CharField(max_length=40, primary_key=True, serialize=False, verbose_name="conta")),
                (
                    "valor",
                    models.DecimalField(
                        decimal_places=2,
                        max_digits=10,
                        validators=[django.core.validators.MinValueValidator(Decimal("0.01"))],
                        verbose_name="teto do período (R$)",
                    ),
                ),
                ("parar_tudo", models.BooleanField(default=False, verbose_name="parar tudo")),
                ("parado_ate", models.DateTimeField(editable=False, null=True, verbose_name="parado até")),
                ("alterado_em", models.DateTimeField(auto_now=True, verbose_name="alterado em")),
                (
                    "alterado_por",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="alterado por",
                    ),
                ),
            ],
            options={"verbose_name": "teto de custo", "verbose_name_plural": "tetos de custo"},
        ),
        migrations.CreateModel(
            name="Consumo",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("conta", models.CharField(max_length=40, verbose_name="conta")),
                ("sha256", models.CharField(max_length=64, verbose_name="SHA-256 do arquivo")),
                ("nome_arquivo", models.CharField(max_length=200, verbose_name="arquivo")),
                ("inicio", models.DateField(verbose_name="período desde")),
                ("de", models.DateField(verbose_name="primeiro dia")),
                ("ate", models.DateField(verbose_name="último dia")),
                ("linhas", models.PositiveIntegerField(verbose_name="linhas")),
                (
                    "importado_em",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(), verbose_name="importado em"
                    ),
                ),
                (
                    "importado_por",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="importado por",
                    ),
                ),
            ],
            options={
                "verbose_name": "relatório de consumo",
                "verbose_name_plural": "relatórios de consumo",
                "ordering": ["-pk"],
                "constraints": [models.UniqueConstraint(fields=("conta", "sha256"), name="consumo_unico")],
            },
        ),
        migrations.CreateModel(
            name="LinhaConsumo",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("numero", models.PositiveIntegerField(verbose_name="linha do arquivo")),
                ("quando", models.DateTimeField(verbose_name="data")),
                ("documento", models.CharField(blank=True, max_length=20, verbose_name="CNPJ/CPF")),
                ("url", models.CharField(max_length=200, verbose_name="URL")),
                ("status", models.PositiveSmallIntegerField(verbose_name="código da resposta")),
                ("ip", models.CharField(blank=True, max_length=45, verbose_name="IP")),
                ("observacao", models.CharField(blank=True, max_length=200, verbose_name="observação")),
                ("tag", models.CharField(blank=True, max_length=64, verbose_name="tag")),
                ("quantidade", models.PositiveIntegerField(verbose_name="quantidade")),
                ("classe", models.CharField(choices=CLASSES, max_length=12, verbose_name="classe")),
                (
                    "cobranca",
                    models.CharField(
                        choices=[("sim", "Cobrada"), ("nao", "Não cobrada"), ("incerta", "Cobrança incerta")],
                        max_length=7,
                        verbose_name="cobrança",
                    ),
                ),
                (
                    "consumo",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="itens",
                        to="operacoes.consumo",
                    ),
                ),
            ],
            options={
                "verbose_name": "linha do relatório de consumo",
                "verbose_name_plural": "linhas do relatório de consumo",
                "ordering": ["numero"],
                "indexes": [
                    models.Index(
                        condition=models.Q(("cobranca", "nao"), _negated=True),
                        fields=["consumo", "tag"],
                        include=("classe",),
                        name="consumo_tag",
                    )
                ],
                "constraints": [models.UniqueConstraint(fields=("consumo", "numero"), name="consumo_linha")],
            },
        ),
        migrations.AddField(
            model_name="operacao",
            name="opcional",
            field=models.BooleanField(db_default=False, default=False, verbose_name="opcional"),
        ),
        migrations.RemoveIndex(model_name="tentativa", name="tentativa_cobranca"),
        migrations.AddField(
            model_name="tentativa",
            name="acesso",
            field=models.CharField(db_default="", editable=False, max_length=40, verbose_name="acesso"),
        ),
        migrations.AddField(
            model_name="tentativa",
            name="conta",
            field=models.CharField(db_default="", editable=False, max_length=40, verbose_name="conta"),
        ),
        migrations.AddField(
            model_name="tentativa",
            name="tipo",
            field=models.CharField(db_default="", editable=False, max_length=60, verbose_name="tipo"),
        ),
        migrations.AddField(
            model_name="tentativa",
            name="empresa",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                editable=False,
                null=True,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                to="empresas.empresa",
            ),
        ),
        migrations.AddField(
            model_name="tentativa",
            name="incertas",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.CharField(choices=CLASSES, max_length=12),
                db_default=[],
                default=list,
                verbose_name="cobrança incerta",
            ),
        ),
        migrations.RunSQL(COPIAR, DESFAZER),
        migrations.AddIndex(
            model_name="tentativa",
            index=models.Index(
                condition=models.Q(("cobrada", True)),
                fields=["conta", "iniciada_em"],
                include=("acesso", "tipo", "empresa", "especie", "cobrancas", "incertas"),
                name="tentativa_conta",
            ),
        ),
        migrations.AddIndex(
            model_name="tentativa",
            index=models.Index(
                condition=models.Q(
                    ("cobrada", False),
                    ("desfecho__in", ["incerta", "abandonada"]),
                    ("especie", "envio"),
                    models.Q(("classe", "gratis"), _negated=True),
                ),
                fields=["conta", "iniciada_em"],
                name="tentativa_talvez",
            ),
        ),
    ]
