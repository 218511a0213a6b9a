from django.db import migrations

FORWARD = """
ALTER TABLE empresas_empresa ADD CONSTRAINT empresa_matriz_mesma_raiz
    FOREIGN KEY (raiz, matriz_id) REFERENCES empresas_empresa (raiz, id) DEFERRABLE INITIALLY DEFERRED;
"""
BACKWARD = "ALTER TABLE empresas_empresa DROP CONSTRAINT empresa_matriz_mesma_raiz;"


class Migration(migrations.Migration):
    dependencies = [("empresas", "0001_initial")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
