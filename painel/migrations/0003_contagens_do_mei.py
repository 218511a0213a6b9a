from django.db import migrations

from comum.contagens import acompanhar


class Migration(migrations.Migration):
    dependencies = [("guias", "0004_guias_do_mes"), ("painel", "0002_contagens_do_painel")]
    operations = [migrations.RunSQL(*acompanhar("guias_consulta"))]
