from django.db import migrations
from django.db.models import Q


def sem_o_iss_que_nao_e_da_nota(apps, schema_editor):
    """National notes that went with the ISS in the DAS, or by a special regime, were given one of ours."""
    mei = Q(operacao__pedido__declaracao__simples="2")
    no_simples = Q(operacao__pedido__declaracao__simples="3", operacao__pedido__emissao__regime_apuracao="1")
    especial = Q(operacao__pedido__emissao__regime_tributacao__gt="0")
    sem = apps.get_model("nfse", "Nota").objects.filter(
        mei | no_simples | especial, canal__tipo="nacional", iss_retido=False, valor_iss__gt=0
    )
    sem = sem.exclude(situacao__in=["rascunho", "recusada"])  # summed again when they are sent
    pks = list(sem.values_list("pk", flat=True))
    for inicio in range(0, len(pks), 5000):
        parte = pks[inicio : inicio + 5000]
        apps.get_model("nfse", "NotaItem").objects.filter(nota__in=parte).update(iss=None)
        apps.get_model("nfse", "Nota").objects.filter(pk__in=parte).update(valor_iss=0)


class Migration(migrations.Migration):
    dependencies = [("nfse", "0016_mais_do_layout_nacional")]

    operations = [migrations.RunPython(sem_o_iss_que_nao_e_da_nota, migrations.RunPython.noop)]
