import datetime

import django.contrib.postgres.indexes
import django.contrib.postgres.search
import django.core.validators
import django.db.models.deletion
from django.db import migrations, models

from comum.contagens import acompanhar

# The years of a rule count from the year in which the obligation falls due: the month after the competência.
FUNCOES = r"""
CREATE FUNCTION arquivo_reter_ate(do_tipo varchar, da_competencia date) RETURNS date LANGUAGE sql STABLE AS $$
    SELECT make_date(
        extract(year FROM da_competencia + interval '1 month')::int + greatest(5, max(anos)), 12, 31)
      FROM arquivo_regraguarda WHERE tipo IN ('', do_tipo) AND desde <= da_competencia
$$;
CREATE FUNCTION arquivo_palavras(texto text) RETURNS text LANGUAGE sql IMMUTABLE AS $$
    SELECT btrim(regexp_replace(
        lower(translate(texto,
            'ÁÀÂÃÄÅáàâãäåÉÈÊËéèêëÍÌÎÏíìîïÓÒÔÕÖóòôõöÚÙÛÜúùûüÇçÑñ',
            'AAAAAAaaaaaaEEEEeeeeIIIIiiiiOOOOOoooooUUUUuuuuCcNn')),
        '[^a-z0-9]+', ' ', 'g'))
$$;
"""
# What is kept already: its key and its number as the services gave them, its words, its date (which never falls).
EXISTENTES = r"""
UPDATE arquivo_documento SET
    chave = CASE WHEN tipo IN ('nfse_xml', 'nfse_pdf', 'cancel_xml', 'cancel_pdf', 'recebida_xml')
                 AND length(referencia) >= 30 THEN referencia ELSE '' END,
    numero = CASE WHEN tipo NOT IN ('nfse_xml', 'nfse_pdf', 'cancel_xml', 'cancel_pdf', 'recebida_xml')
                  OR length(referencia) < 30 THEN referencia
             ELSE coalesce(substring(nome FROM '^NFSE(?:-CANCELAMENTO)?-([0-9]{1,20})\.'), '') END;
UPDATE arquivo_documento SET
    busca = arquivo_palavras(concat_ws(' ', nome, numero, chave, referencia)),
    reter_ate = greatest(reter_ate, arquivo_reter_ate(tipo, competencia));
SET CONSTRAINTS ALL IMMEDIATE;
SET CONSTRAINTS ALL DEFERRED;
"""
GATILHOS = r"""
CREATE FUNCTION arquivo_documento_entra() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.reter_ate := greatest(NEW.reter_ate, arquivo_reter_ate(NEW.tipo, NEW.competencia));
    NEW.busca := arquivo_palavras(concat_ws(' ', NEW.nome, NEW.numero, NEW.chave, NEW.referencia));
    RETURN NEW;
END $$;
CREATE TRIGGER documento_entra BEFORE INSERT ON arquivo_documento
    FOR EACH ROW EXECUTE FUNCTION arquivo_documento_entra();

CREATE FUNCTION arquivo_documento_muda() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (OLD.id, OLD.empresa_id, OLD.tipo, OLD.competencia, OLD.nome, OLD.referencia, OLD.chave, OLD.numero, OLD.origem,
        OLD.mime, OLD.tamanho, OLD.sha256, OLD.criado_em, OLD.busca)
       IS DISTINCT FROM
       (NEW.id, NEW.empresa_id, NEW.tipo, NEW.competencia, NEW.nome, NEW.referencia, NEW.chave, NEW.numero, NEW.origem,
        NEW.mime, NEW.tamanho, NEW.sha256, NEW.criado_em, NEW.busca) THEN
        RAISE EXCEPTION 'arquivo: a kept document never changes' USING ERRCODE = 'restrict_violation';
    END IF;
    IF NEW.reter_ate < OLD.reter_ate THEN
        RAISE EXCEPTION 'arquivo: the date until which a document is kept never falls'
            USING ERRCODE = 'restrict_violation';
    END IF;
    IF OLD.descartado_em IS NOT NULL AND NEW.descartado_em IS DISTINCT FROM OLD.descartado_em THEN
        RAISE EXCEPTION 'arquivo: a discarded document stays discarded' USING ERRCODE = 'restrict_violation';
    END IF;
    IF NEW.descartado_em IS NOT NULL
       AND NEW.reter_ate >= (clock_timestamp() AT TIME ZONE 'America/Sao_Paulo')::date THEN
        RAISE EXCEPTION 'arquivo: document kept until %', NEW.reter_ate USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER documento_muda BEFORE UPDATE ON arquivo_documento
    FOR EACH ROW EXECUTE FUNCTION arquivo_documento_muda();

CREATE FUNCTION arquivo_recusa_apagar() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'arquivo: % rows are never deleted', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER documento_nao_apaga BEFORE DELETE ON arquivo_documento
    FOR EACH ROW EXECUTE FUNCTION arquivo_recusa_apagar();
CREATE TRIGGER regra_guarda_nao_apaga BEFORE DELETE ON arquivo_regraguarda
    FOR EACH ROW EXECUTE FUNCTION arquivo_recusa_apagar();

CREATE FUNCTION arquivo_regra_aumenta() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.tipo <> OLD.tipo OR NEW.desde > OLD.desde OR NEW.anos < OLD.anos THEN
        RAISE EXCEPTION 'arquivo: a retention rule only grows' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER regra_guarda_so_aumenta BEFORE UPDATE ON arquivo_regraguarda
    FOR EACH ROW EXECUTE FUNCTION arquivo_regra_aumenta();

CREATE FUNCTION arquivo_regra_vale() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE arquivo_documento SET reter_ate = arquivo_reter_ate(tipo, competencia)
     WHERE descartado_em IS NULL AND NEW.tipo IN ('', tipo) AND competencia >= NEW.desde
       AND reter_ate < arquivo_reter_ate(tipo, competencia);
    RETURN NULL;
END $$;
CREATE TRIGGER regra_guarda_vale AFTER INSERT OR UPDATE ON arquivo_regraguarda
    FOR EACH ROW EXECUTE FUNCTION arquivo_regra_vale();
"""
VOLTA = """
DROP TRIGGER regra_guarda_vale ON arquivo_regraguarda;
DROP FUNCTION arquivo_regra_vale();
DROP TRIGGER regra_guarda_so_aumenta ON arquivo_regraguarda;
DROP FUNCTION arquivo_regra_aumenta();
DROP TRIGGER regra_guarda_nao_apaga ON arquivo_regraguarda;
DROP TRIGGER documento_nao_apaga ON arquivo_documento;
DROP FUNCTION arquivo_recusa_apagar();
DROP TRIGGER documento_muda ON arquivo_documento;
DROP FUNCTION arquivo_documento_muda();
DROP TRIGGER documento_entra ON arquivo_documento;
DROP FUNCTION arquivo_documento_entra();
"""
SEM_FUNCOES = """
DROP FUNCTION arquivo_palavras(text);
DROP FUNCTION arquivo_reter_ate(varchar, date);
"""


class Migration(migrations.Migration):
    dependencies = [
        ("arquivo", "0004_guias_do_mes"),
        ("empresas", "0004_contatos"),
    ]

    operations = [
        migrations.CreateModel(
            name="Defeito",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "motivo",
                    models.CharField(
                        choices=[("ausente", "Arquivo não encontrado"), ("alterado", "Arquivo alterado")],
                        max_length=8,
                        verbose_name="motivo",
                    ),
                ),
                ("achado_em", models.DateTimeField(verbose_name="achado em")),
                ("visto_em", models.DateTimeField(verbose_name="lido pela última vez em")),
                ("sanado_em", models.DateTimeField(null=True, verbose_name="sanado em")),
            ],
            options={
                "verbose_name": "defeito do arquivo",
                "verbose_name_plural": "defeitos do arquivo",
                "ordering": ["-achado_em"],
            },
        ),
        migrations.CreateModel(
            name="RegraGuarda",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "tipo",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("das", "DAS"),
                            ("declaracao", "Declaração PGDAS-D"),
                            ("recibo", "Recibo PGDAS-D"),
                            ("extrato", "Extrato do DAS"),
                            ("maed", "Notificação de multa (MAED)"),
                            ("darf_maed", "DARF da multa (MAED)"),
                            ("guia", "Guia de pagamento"),
                            ("comprovante", "Comprovante de arrecadação"),
                            ("sitfis", "Relatório de situação fiscal"),
                            ("ccmei", "Certificado de MEI (CCMEI)"),
                            ("defis", "Declaração DEFIS"),
                            ("defis_recibo", "Recibo DEFIS"),
                            ("dctfweb", "Declaração DCTFWeb"),
                            ("dctf_recibo", "Recibo DCTFWeb"),
                            ("dctfweb_xml", "Declaração DCTFWeb (XML)"),
                            ("regime", "Opção pelo regime de apuração"),
                            ("termo", "Termo de autorização assinado"),
                            ("renuncia", "Comprovante de renúncia"),
                            ("nfse_xml", "NFS-e (XML)"),
                            ("nfse_pdf", "NFS-e (PDF)"),
                            ("cancel_xml", "Cancelamento de NFS-e (XML)"),
                            ("cancel_pdf", "Cancelamento de NFS-e (PDF)"),
                            ("recebida_xml", "NFS-e recebida (XML)"),
                        ],
                        default="",
                        help_text="em branco: todos os tipos",
                        max_length=12,
                        verbose_name="tipo",
                    ),
                ),
                ("desde", models.DateField(default=datetime.date(2000, 1, 1), verbose_name="desde a competência")),
                (
                    "anos",
                    models.PositiveSmallIntegerField(
                        default=5,
                        help_text="contados do ano em que a obrigação vence, até 31 de dezembro; nunca menos de 5, e só aumenta",
                        validators=[
                            django.core.validators.MinValueValidator(5),
                            django.core.validators.MaxValueValidator(90),
                        ],
                        verbose_name="anos de guarda",
                    ),
                ),
                (
                    "motivo",
                    models.CharField(
                        help_text="a lei, o contrato ou a decisão que pede mais tempo",
                        max_length=200,
                        verbose_name="motivo",
                    ),
                ),
            ],
            options={
                "verbose_name": "regra de guarda",
                "verbose_name_plural": "regras de guarda",
                "ordering": ["tipo", "desde"],
            },
        ),
        migrations.CreateModel(
            name="Ronda",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("comecou_em", models.DateTimeField(auto_now_add=True, verbose_name="começou em")),
                ("andou_em", models.DateTimeField(auto_now=True, verbose_name="última leitura em")),
                ("terminou_em", models.DateTimeField(null=True, verbose_name="terminou em")),
                ("ate", models.CharField(blank=True, default="", max_length=64, verbose_name="até o SHA-256")),
                ("arquivos", models.PositiveIntegerField(default=0, verbose_name="arquivos lidos")),
                ("tamanho", models.PositiveBigIntegerField(default=0, verbose_name="bytes lidos")),
                ("parada", models.CharField(blank=True, default="", max_length=300, verbose_name="por que parou")),
            ],
            options={
                "verbose_name": "verificação do arquivo",
                "verbose_name_plural": "verificações do arquivo",
                "ordering": ["-pk"],
            },
        ),
        migrations.AddField(
            model_name="documento",
            name="busca",
            field=models.TextField(db_default="", default="", editable=False),
        ),
        migrations.AddField(
            model_name="documento",
            name="chave",
            field=models.CharField(
                blank=True, db_default="", default="", max_length=60, verbose_name="chave de acesso"
            ),
        ),
        migrations.AddField(
            model_name="documento",
            name="descartado_em",
            field=models.DateTimeField(blank=True, null=True, verbose_name="descartado em"),
        ),
        migrations.AddField(
            model_name="documento",
            name="numero",
            field=models.CharField(blank=True, db_default="", default="", max_length=60, verbose_name="número"),
        ),
        migrations.AddField(
            model_name="documento",
            name="origem",
            field=models.CharField(
                choices=[("servico", "Do serviço"), ("importado", "Importado")],
                db_default="servico",
                default="servico",
                max_length=9,
                verbose_name="origem",
            ),
        ),
        migrations.RunSQL(FUNCOES, SEM_FUNCOES),
        migrations.RunSQL(EXISTENTES, migrations.RunSQL.noop),
        migrations.AddIndex(
            model_name="documento",
            index=models.Index(
                condition=models.Q(("descartado_em__isnull", True)),
                fields=["competencia", "criado_em", "id"],
                include=["tamanho"],
                name="documento_comp",
            ),
        ),
        migrations.AddIndex(
            model_name="documento",
            index=models.Index(
                condition=models.Q(("descartado_em__isnull", True)),
                fields=["criado_em", "id"],
                name="documento_guardado",
            ),
        ),
        migrations.AddIndex(
            model_name="documento",
            index=models.Index(
                condition=models.Q(("descartado_em__isnull", True)),
                fields=["tipo", "competencia", "criado_em", "id"],
                name="documento_tipo",
            ),
        ),
        migrations.AddIndex(
            model_name="documento",
            index=models.Index(
                condition=models.Q(("descartado_em__isnull", True)), fields=["reter_ate", "id"], name="documento_reter"
            ),
        ),
        migrations.AddIndex(
            model_name="documento",
            index=models.Index(
                condition=models.Q(("chave", ""), _negated=True), fields=["chave"], name="documento_chave"
            ),
        ),
        migrations.AddIndex(
            model_name="documento",
            index=models.Index(
                condition=models.Q(("numero", ""), _negated=True), fields=["numero"], name="documento_numero"
            ),
        ),
        migrations.AddIndex(
            model_name="documento",
            index=django.contrib.postgres.indexes.GinIndex(
                django.contrib.postgres.search.SearchVector("busca", config="simple"), name="documento_busca"
            ),
        ),
        migrations.AddField(
            model_name="defeito",
            name="documento",
            field=models.OneToOneField(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="defeito",
                to="arquivo.documento",
                verbose_name="documento",
            ),
        ),
        migrations.AddConstraint(
            model_name="regraguarda",
            constraint=models.UniqueConstraint(fields=("tipo", "desde"), name="regra_guarda_unica"),
        ),
        migrations.AddConstraint(
            model_name="regraguarda",
            constraint=models.CheckConstraint(
                condition=models.Q(("anos__gte", 5), ("anos__lte", 90)), name="regra_guarda_ao_menos_cinco"
            ),
        ),
        migrations.AddConstraint(
            model_name="ronda",
            constraint=models.UniqueConstraint(
                models.Value(1), condition=models.Q(("terminou_em__isnull", True)), name="ronda_uma_por_vez"
            ),
        ),
        migrations.AddIndex(
            model_name="defeito",
            index=models.Index(
                condition=models.Q(("sanado_em__isnull", True)), fields=["achado_em"], name="defeito_aberto"
            ),
        ),
        migrations.RunSQL(GATILHOS, VOLTA),
        migrations.RunSQL(*acompanhar("arquivo_documento", "arquivo_defeito")),
    ]
