from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("empresas", "0004_lugar")]
    operations = [
        migrations.AddIndex("empresa", models.Index(fields=["lugar", "ordem", "id"], name="empresa_lugar_ordem")),
        migrations.AddIndex("empresa", models.Index(fields=["documento", "id"], name="empresa_documento_id")),
    ]
