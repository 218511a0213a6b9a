from django.db import migrations

FORWARD = """
CREATE FUNCTION comum_somente_inclusao() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'A tabela % só aceita inclusão.', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER comum_auditoria_somente_inclusao BEFORE UPDATE OR DELETE ON comum_auditoria
    FOR EACH ROW EXECUTE FUNCTION comum_somente_inclusao();
CREATE TRIGGER comum_selo_somente_inclusao BEFORE UPDATE OR DELETE ON comum_seloauditoria
    FOR EACH ROW EXECUTE FUNCTION comum_somente_inclusao();
"""
BACKWARD = """
DROP TRIGGER comum_auditoria_somente_inclusao ON comum_auditoria;
DROP TRIGGER comum_selo_somente_inclusao ON comum_seloauditoria;
DROP FUNCTION comum_somente_inclusao();
"""


class Migration(migrations.Migration):
    dependencies = [("comum", "0001_initial")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
