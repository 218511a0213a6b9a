from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("guias", "0013_guia_paga_pelo_parcelamento")]

    operations = [
        migrations.AddField(
            model_name="apuracaomit",
            name="suspensoes",
            field=models.JSONField(
                db_default=models.Value([], models.JSONField()), default=list, verbose_name="suspensões"
            ),
        ),
    ]
