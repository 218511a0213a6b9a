from django.db import migrations

FORWARD = """
CREATE TRIGGER credentials_gravacao_somente_inclusao BEFORE UPDATE OR DELETE ON credentials_gravacao
    FOR EACH ROW EXECUTE FUNCTION comum_somente_inclusao();
CREATE TRIGGER credentials_gravacaoitem_somente_inclusao BEFORE UPDATE OR DELETE ON credentials_gravacaoitem
    FOR EACH ROW EXECUTE FUNCTION comum_somente_inclusao();
"""
BACKWARD = """
DROP TRIGGER credentials_gravacao_somente_inclusao ON credentials_gravacao;
DROP TRIGGER credentials_gravacaoitem_somente_inclusao ON credentials_gravacaoitem;
"""


class Migration(migrations.Migration):
    dependencies = [("credentials", "0001_initial"), ("comum", "0002_auditoria_append_only")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
