from django.db import migrations

from comum.contagens import acompanhar

SEGUIDAS = acompanhar("pagar_titulo")
FICAM = ("titulo", "lote", "pagamento", "itempagamento", "referenciausada")
FORWARD = (
    """
CREATE FUNCTION pagar_nao_apagar() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'A tabela % não aceita exclusão.', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER pagar_movimento_somente_inclusao BEFORE UPDATE OR DELETE ON pagar_movimento
    FOR EACH ROW EXECUTE FUNCTION comum_somente_inclusao();
CREATE SEQUENCE pagar_conta_codigo;
"""
    + "".join(
        f"CREATE TRIGGER pagar_{tabela}_fica BEFORE DELETE ON pagar_{tabela}"
        " FOR EACH ROW EXECUTE FUNCTION pagar_nao_apagar();\n"
        for tabela in FICAM
    )
    + SEGUIDAS[0]
)
BACKWARD = (
    SEGUIDAS[1]
    + "".join(f"DROP TRIGGER pagar_{tabela}_fica ON pagar_{tabela};\n" for tabela in FICAM)
    + """
DROP SEQUENCE pagar_conta_codigo;
DROP TRIGGER pagar_movimento_somente_inclusao ON pagar_movimento;
DROP FUNCTION pagar_nao_apagar();
"""
)


class Migration(migrations.Migration):
    dependencies = [("pagar", "0001_initial"), ("comum", "0002_auditoria_append_only")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
