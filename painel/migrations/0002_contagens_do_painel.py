from django.db import migrations

from comum.contagens import acompanhar

SEGUIDAS = acompanhar(
    "empresas_regimeempresa",
    "guias_apuracao",
    "guias_guia",
    "guias_entrega",
    "guias_procuracao",
    "operacoes_operacao",
)


class Migration(migrations.Migration):
    dependencies = [
        ("empresas", "0003_contagens"),
        ("guias", "0004_guias_do_mes"),
        ("operacoes", "0006_empresas_de_um_lote"),
        ("painel", "0001_ciente"),
    ]
    operations = [migrations.RunSQL(*SEGUIDAS)]
