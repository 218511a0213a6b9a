from django.db import migrations, models
from django.db.models.functions import Now


class Migration(migrations.Migration):
    dependencies = [("credentials", "0003_contagens")]

    operations = [
        migrations.AlterField(
            model_name="credencial",
            name="alterada_em",
            field=models.DateTimeField(db_default=Now(), verbose_name="alterada em"),
        ),
    ]
