from datetime import date

from django.db import migrations

from comum.contagens import acompanhar

SEGUIDAS = acompanhar("nfse_nota", "nfse_tomador")
FORWARD = """
CREATE FUNCTION nfse_nao_apagar() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'A tabela % não aceita exclusão.', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER nfse_nota_fica BEFORE DELETE ON nfse_nota FOR EACH ROW EXECUTE FUNCTION nfse_nao_apagar();
CREATE TRIGGER nfse_carta_fica BEFORE DELETE ON nfse_cartacorrecao FOR EACH ROW EXECUTE FUNCTION nfse_nao_apagar();
CREATE TRIGGER nfse_cancelamento_fica BEFORE DELETE ON nfse_cancelamento
    FOR EACH ROW EXECUTE FUNCTION nfse_nao_apagar();
CREATE TRIGGER nfse_eventonota_somente_inclusao BEFORE UPDATE OR DELETE ON nfse_eventonota
    FOR EACH ROW EXECUTE FUNCTION comum_somente_inclusao();
CREATE SEQUENCE nfse_canal_codigo;
""" + SEGUIDAS[0]
BACKWARD = (
    SEGUIDAS[1]
    + """
DROP SEQUENCE nfse_canal_codigo;
DROP TRIGGER nfse_eventonota_somente_inclusao ON nfse_eventonota;
DROP TRIGGER nfse_cancelamento_fica ON nfse_cancelamento;
DROP TRIGGER nfse_carta_fica ON nfse_cartacorrecao;
DROP TRIGGER nfse_nota_fica ON nfse_nota;
DROP FUNCTION nfse_nao_apagar();
"""
)

# regime, from the competência on, act
REGRAS = (
    (
        "mei",
        date(2023, 9, 1),
        "Resolução CGSN 169, de 27/07/2022, e alterações: o MEI emite pelo emissor nacional.",
    ),
    (
        "simples",
        date(2026, 11, 1),
        "Resolução CGSN 191, de 04/08/2026: ME e EPP do Simples Nacional emitem pelo emissor nacional.",
    ),
)


def por_regras(apps, schema_editor):
    regra = apps.get_model("nfse", "RegraCanal")
    for regime, desde, fundamento in REGRAS:
        regra.objects.create(regime=regime, canal="nacional", desde=desde, fundamento=fundamento)


class Migration(migrations.Migration):
    dependencies = [("nfse", "0001_initial"), ("comum", "0002_auditoria_append_only")]
    operations = [
        migrations.RunSQL(FORWARD, BACKWARD),
        migrations.RunPython(por_regras, migrations.RunPython.noop),
    ]
