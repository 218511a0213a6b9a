from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("integra_contador", "0006_darf_dctfweb_mit"),
    ]

    operations = [
        migrations.AddField(
            model_name="mit",
            name="com_evento",
            field=models.BooleanField(default=False),
        ),
    ]
