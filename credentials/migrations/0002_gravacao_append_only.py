from django.db import migrations

FORWARD = """
CREATE TRIGGER credentials_gravacao_somente_inclusao BEFORE UPDATE OR DELETE ON credentials_gravacao
    FOR EACH ROW EXECUTE FUNCTION comum_somente_inclusao();
CREATE TRIGGER credentials_gravacaoitem_somente_inclusao BEFORE UPDATE OR DELETE ON credentials_gravacaoitem
    FOR EACH ROW EXECUTE FUNCTION comum_somente_inclusao();
CREATE INDEX gravacaoitem_certificado_antes ON credentials_gravacaoitem ((antes ->> 'procurador_certificado'))
    WHERE antes ->> 'procurador_certificado' IS NOT NULL;
CREATE INDEX gravacaoitem_certificado_depois ON credentials_gravacaoitem ((depois ->> 'procurador_certificado'))
    WHERE depois ->> 'procurador_certificado' IS NOT NULL;
"""
BACKWARD = """
DROP INDEX gravacaoitem_certificado_depois;
DROP INDEX gravacaoitem_certificado_antes;
DROP TRIGGER credentials_gravacao_somente_inclusao ON credentials_gravacao;
DROP TRIGGER credentials_gravacaoitem_somente_inclusao ON credentials_gravacaoitem;
"""


class Migration(migrations.Migration):
    dependencies = [("credentials", "0001_initial"), ("comum", "0002_auditoria_append_only")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
