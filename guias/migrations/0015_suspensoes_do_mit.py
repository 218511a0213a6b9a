from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("guias", "0014_consultas_de_renuncias")]

    operations = [
        migrations.AddField(
            model_name="apuracaomit",
            name="suspensoes",
            field=models.JSONField(
                db_default=models.Value([], models.JSONField()), default=list, verbose_name="suspensões"
            ),
        ),
    ]
