import django.db.models.deletion
from django.db import migrations, models

# The two rules that came with the product (0002), by their act.
_DO_GUICHE = (("mei", "Resolução CGSN 169"), ("simples", "Resolução CGSN 191"))


def marcar_as_do_guiche(apps, schema_editor):
    regras = apps.get_model("nfse", "RegraCanal").objects
    for regime, ato in _DO_GUICHE:
        dela = regras.filter(regime=regime, fundamento__startswith=ato, empresa=None, municipio=None, uf="")
        if (primeira := dela.order_by("pk").first()) is not None:
            regras.filter(pk=primeira.pk).update(do_guiche=True)


class Migration(migrations.Migration):
    dependencies = [("empresas", "0004_contatos"), ("nfse", "0010_detalhes_do_layout_nacional")]

    operations = [
        migrations.CreateModel(
            name="EmissorMunicipal",
            fields=[
                (
                    "municipio",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="+",
                        serialize=False,
                        to="empresas.municipio",
                        verbose_name="município",
                    ),
                ),
                ("sefin", models.URLField(max_length=200, verbose_name="endereço da Sefin")),
                ("fundamento", models.CharField(max_length=250, verbose_name="fundamento")),
                ("ativo", models.BooleanField(default=True, verbose_name="ativo")),
            ],
            options={
                "verbose_name": "emissor municipal",
                "verbose_name_plural": "emissores municipais",
                "ordering": ["municipio__nome"],
            },
        ),
        migrations.AddField(
            model_name="convenionacional",
            name="falhou_em",
            field=models.DateTimeField(blank=True, null=True, verbose_name="a última leitura falhou em"),
        ),
        migrations.AddField(
            model_name="convenionacional",
            name="falha",
            field=models.CharField(
                blank=True, db_default="", default="", max_length=300, verbose_name="por que falhou"
            ),
        ),
        migrations.AddField(
            model_name="documentoassinado",
            name="endereco",
            field=models.URLField(blank=True, db_default="", default="", verbose_name="enviado para"),
        ),
        migrations.AddField(
            model_name="regracanal",
            name="do_guiche",
            field=models.BooleanField(
                db_default=False, default=False, editable=False, verbose_name="veio com o Guichê"
            ),
        ),
        migrations.AddField(
            model_name="regracanal",
            name="substitui",
            field=models.OneToOneField(
                blank=True,
                editable=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="substituta",
                to="nfse.regracanal",
                verbose_name="substitui",
            ),
        ),
        migrations.RunPython(marcar_as_do_guiche, migrations.RunPython.noop),
    ]
