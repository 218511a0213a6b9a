from django.db import migrations

from comum.tocadas import CRIAR, DESFAZER


class Migration(migrations.Migration):
    dependencies = [("comum", "0002_auditoria_append_only")]
    operations = [migrations.RunSQL(CRIAR, DESFAZER)]
