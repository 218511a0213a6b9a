from django.db import migrations

from comum.contagens import acompanhar


class Migration(migrations.Migration):
    dependencies = [("credentials", "0002_gravacao_append_only")]
    operations = [
        migrations.RunSQL(*acompanhar("credentials_vinculo", "credentials_rascunho", "credentials_itemrascunho"))
    ]
