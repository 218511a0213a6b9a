from django.db import migrations

from comum.contagens import acompanhar

SEGUIDAS = acompanhar("empresas_empresa", "empresas_carteira", "empresas_carteira_usuarios", "empresas_municipio")


class Migration(migrations.Migration):
    dependencies = [("empresas", "0002_matriz_da_mesma_raiz")]
    operations = [migrations.RunSQL(*SEGUIDAS)]
