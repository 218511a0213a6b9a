from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("integranotas", "0001_initial")]

    operations = [
        migrations.AddField(
            model_name="recebida", name="leiaute", field=models.CharField(default="municipal", max_length=10)
        ),
        migrations.AddField(model_name="recebida", name="competencia", field=models.DateField(null=True)),
        migrations.AddField(model_name="recebida", name="retencoes", field=models.JSONField(default=dict)),
    ]
