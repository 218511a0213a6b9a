from django.db import migrations

from comum.tocadas import anotar

DA_GUIA = "JOIN guias_guia g ON g.id = t.guia_id"


class Migration(migrations.Migration):
    dependencies = [
        ("comum", "0003_tocadas"),
        ("credentials", "0007_quem_paga"),
        ("empresas", "0004_contatos"),
        ("guias", "0013_guia_paga_pelo_parcelamento"),
        ("nfse", "0008_ordens_da_lista"),
        ("operacoes", "0007_custos"),
        ("pagar", "0004_origens_das_guias"),
        ("painel", "0003_contagens_do_mei"),
    ]
    operations = [
        migrations.RunSQL(*anotar("empresas_empresa", "t.id")),
        migrations.RunSQL(*anotar("empresas_regimeempresa")),
        migrations.RunSQL(*anotar("credentials_vinculo")),
        migrations.RunSQL(*anotar("guias_procuracao")),
        migrations.RunSQL(*anotar("guias_consulta")),
        migrations.RunSQL(*anotar("guias_apuracao", competencia="t.competencia")),
        migrations.RunSQL(*anotar("guias_guia", competencia="t.competencia")),
        migrations.RunSQL(*anotar("guias_entrega", "g.empresa_id", "g.competencia", DA_GUIA)),
        migrations.RunSQL(*anotar("operacoes_operacao", competencia="t.competencia")),
        migrations.RunSQL(*anotar("nfse_contrato")),
        migrations.RunSQL(*anotar("nfse_nota", competencia="t.competencia")),
        migrations.RunSQL(*anotar("pagar_titulo", competencia="t.competencia")),
    ]
