"""An installation of a released version is brought up to date: its migrations stay as they were, new ones follow."""

import hashlib
from itertools import pairwise
from pathlib import Path

import pytest
from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.state import ProjectState

from comum import tocadas
from comum.contagens import acompanhar
from comum.models import Usuario
from operacoes.models import Circuito, Processamento

RAIZ = Path(__file__).parents[1]
# What each release added is appended here; a line never changes.
PUBLICADAS = """\
246431f546cfd7da arquivo/migrations/0001_initial.py
13442fcbc5e16383 arquivo/migrations/0002_initial.py
6fc213ed28fa07de comum/migrations/0001_initial.py
0c6b7c3dafca1808 comum/migrations/0002_auditoria_append_only.py
01de1a77e2d2e719 credentials/migrations/0001_initial.py
2b6b3c0517d2c830 credentials/migrations/0002_gravacao_append_only.py
3c89253b0bf626a3 empresas/migrations/0001_initial.py
2aac9942187d3699 empresas/migrations/0002_matriz_da_mesma_raiz.py
77af177d7e723a86 guias/migrations/0001_initial.py
e0176b57a7976d16 operacoes/migrations/0001_initial.py
137dd8040fb2445b operacoes/migrations/0002_imutavel.py
c42c7c511e221559 sandbox/integra_contador/migrations/0001_initial.py
c04961897d3c27d9 sandbox/nucleo/migrations/0001_initial.py
87e098db4fde0781 sandbox/nucleo/migrations/0002_ledger_append_only.py
a4fc2697cee64286 credentials/migrations/0003_contagens.py
6b18a6425ba15a6d empresas/migrations/0003_contagens.py
7cec71bcdd540946 operacoes/migrations/0003_limites_pausas_e_indices.py
043759947e7d562d sandbox/nucleo/migrations/0003_limites.py
59199d19b60e0b75 credentials/migrations/0004_relogio_do_banco.py
55729eedd30372a9 guias/migrations/0002_titulos_sem_empresa.py
f5cd99c9189ba8ee operacoes/migrations/0004_ultimo_uso.py
025b3e73cc6eac59 arquivo/migrations/0003_alter_documento_tipo.py
4f8ba57aecc7d758 nfse/migrations/0001_initial.py
82eb98249000ccaf nfse/migrations/0002_historico_e_regras.py
106fd9bd2c7d04f2 nfse/migrations/0003_listas_e_reajuste.py
fdcdcdda907cb16e nfse/migrations/0004_lista_de_notas.py
0af1f6d76f6a916e nfse/migrations/0005_recebidas.py
4346ca6ab9aeb08e operacoes/migrations/0005_em_serie.py
9e4b4caafdac0896 sandbox/nucleo/migrations/0004_documento.py
01dd29c7df74f9b4 sandbox/sisgenfe/migrations/0001_initial.py
8e1b571a73652c68 sandbox/integranotas/migrations/0001_initial.py
05152d18d1530eff sandbox/integranotas/migrations/0002_recebida_com_retencoes.py
e6c834b45abd73b2 nfse/migrations/0006_exigencias_do_municipio.py
d736379d35fd4a28 nfse/migrations/0007_eventos_da_carta.py
834860b71e3b63b8 nfse/migrations/0008_ordens_da_lista.py
ead1b57bf9116225 sandbox/totvs/migrations/0001_initial.py
bae403c4023e2f42 guias/migrations/0003_guia_codigo_barras.py
ea6338be68606a27 operacoes/migrations/0006_empresas_de_um_lote.py
c0e615859da3f6f5 pagar/migrations/0001_initial.py
08a831dc006a8f8b pagar/migrations/0002_historico.py
757b9bea36b702a6 arquivo/migrations/0004_guias_do_mes.py
2d788531d6c9d00f credentials/migrations/0005_guias_do_mes.py
12653b06f3f48233 credentials/migrations/0006_termos.py
a85fac238c86b45b credentials/migrations/0007_quem_paga.py
8fd7eb8cb0d3181e empresas/migrations/0004_contatos.py
c56b6d6bd0cfb06e guias/migrations/0004_guias_do_mes.py
46261df69d03c4f9 guias/migrations/0005_validade_dos_poderes.py
dfbbcd55a609d440 guias/migrations/0006_mensagens_e_lembretes_da_entrega.py
470c52fbf983726a guias/migrations/0007_pagamentos_na_receita.py
5f477ab0938a5613 guias/migrations/0008_ajustes_das_receitas.py
d0df5b66a45c82ce guias/migrations/0009_mensagens_e_anuais.py
09941f936b90215d guias/migrations/0010_darf_dctfweb_mit.py
4c311064097b119e guias/migrations/0011_debitos_e_eventos_federais.py
e70d1a4cb6d85107 guias/migrations/0012_aprovacao_presa_e_regime_unico.py
fa3d40bc89ee5e54 guias/migrations/0013_guia_paga_pelo_parcelamento.py
365d32b3ed3f2117 operacoes/migrations/0007_custos.py
c1f324648a0c078f pagar/migrations/0003_titulo_na_receita.py
285e1b976b31b0e7 pagar/migrations/0004_origens_das_guias.py
0855db75a12cb922 painel/migrations/0001_ciente.py
da3ef88ee20d102e painel/migrations/0002_contagens_do_painel.py
9f9c5297eb96e7cc painel/migrations/0003_contagens_do_mei.py
72c756bfe21b5af5 sandbox/integra_contador/migrations/0002_token_procurador.py
cd122fe4a41125ff sandbox/integra_contador/migrations/0003_pagamentos_e_novidades.py
fe1c3f561b5501c5 sandbox/integra_contador/migrations/0004_mei_e_parcelamentos.py
544b6b35844b18f0 sandbox/integra_contador/migrations/0005_avisos_e_anuais.py
f9b604d976c59356 sandbox/integra_contador/migrations/0006_darf_dctfweb_mit.py
cdd9aa3623ec6c33 sandbox/integra_contador/migrations/0007_mit_com_evento.py
f62e71c460218ded comum/migrations/0003_tocadas.py
e0557d8a2212860c painel/migrations/0004_tocadas.py
f09f33f2745f8969 arquivo/migrations/0005_guarda_e_busca.py
26660da3ef07d40f nfse/migrations/0009_nacional.py
5c3d0aac222022fd sandbox/nacional/migrations/0001_initial.py
e87cc3f6e60f1487 arquivo/migrations/0006_eventos_e_truncate.py
6409eb234b4dfb1d guias/migrations/0014_consultas_de_renuncias.py
0bd46d0040388c87 guias/migrations/0015_suspensoes_do_mit.py
f3027a2d75d7e3cd guias/migrations/0016_rotina_de_pagamentos.py
1c24cca7ce29ea64 nfse/migrations/0010_detalhes_do_layout_nacional.py
7e6d77b0b1a15a86 nfse/migrations/0011_datas_e_emissores.py
0363bfe46e5a2ef4 nfse/migrations/0012_distribuicao.py
43d9da8959a75021 nfse/migrations/0013_parametros_municipais.py
c284687dd35c3878 nfse/migrations/0014_numeros_de_fora.py
352cbb55798fc1cc nfse/migrations/0015_convenio_nao_lido.py
5f33c7c5080c10b5 nfse/migrations/0016_mais_do_layout_nacional.py
9fd048c4db22bc88 nfse/migrations/0017_iss_fora_da_nota.py
3b0ef6ba7c74ac53 sandbox/nucleo/migrations/0005_inicio_da_procuracao.py
"""


@pytest.mark.parametrize("linha", PUBLICADAS.splitlines(), ids=lambda linha: linha.split()[1])
def test_a_released_migration_is_as_it_was(linha: str) -> None:
    impressao, arquivo = linha.split()
    assert hashlib.sha256((RAIZ / arquivo).read_bytes()).hexdigest().startswith(impressao)


def test_every_migration_can_be_taken_back() -> None:
    nossas = [m for m in MigrationLoader(None).disk_migrations.values() if m.app_label != "procrastinate"]
    presas = [str(m) for m in nossas if not all(operacao.reversible for operacao in m.operations)]
    assert len(nossas) > 50
    assert not presas


def test_the_sql_that_released_migrations_ask_for_is_as_it_was() -> None:
    """What they call stays too: another wish is another function."""
    pedidos = [tocadas.CRIAR, *tocadas.anotar("a_b", "t.e", "t.c", "JOIN j ON true"), *acompanhar("a_b", "c_d")]
    assert hashlib.sha256("".join(pedidos).encode()).hexdigest()[:16] == "6a57581c3fa354db"


@pytest.mark.django_db
def test_migrations_tell_the_models() -> None:
    call_command("makemigrations", check=True, dry_run=True, verbosity=0)


@pytest.mark.django_db
def test_rows_of_the_first_release_are_read_and_it_may_go_on_inserting() -> None:
    executor = MigrationExecutor(connection)
    grafo = executor.loader.graph
    nomes = [nome for app, nome in grafo.forwards_plan(grafo.leaf_nodes("operacoes")[0]) if app == "operacoes"]
    posteriores = nomes[nomes.index("0002_imutavel") :]
    for antiga, nova in reversed(list(pairwise(posteriores))):
        executor.unapply_migration(_operacoes_em(executor, antiga), grafo.nodes["operacoes", nova])
    antes = _operacoes_em(executor, "0002_imutavel").apps
    _inserir_como(antes, "antes")
    connection.check_constraints()
    terceira = grafo.nodes["operacoes", "0003_limites_pausas_e_indices"]
    depois = executor.apply_migration(_operacoes_em(executor, "0002_imutavel"), terceira).apps
    assert not hasattr(antes.get_model("operacoes", "Operacao"), "outros_baldes")
    _inserir_como(antes, "depois")
    assert all(operacao.outros_baldes == [] for operacao in depois.get_model("operacoes", "Operacao").objects.all())
    assert Circuito.objects.filter(pausado_desde=None, motivo_da_pausa="").count() == 2


def _operacoes_em(executor: MigrationExecutor, nome: str) -> ProjectState:
    """The models of operacoes as of a migration, and of what it stands on: not of the apps above, whose tables stay."""
    return executor.loader.project_state([("operacoes", nome)])


@pytest.mark.django_db
def test_titles_of_the_first_release_lose_the_empresa(ana: Usuario) -> None:
    executor = MigrationExecutor(connection)
    segunda = executor.loader.graph.nodes["guias", "0002_titulos_sem_empresa"]
    primeira = executor.loader.project_state([("guias", "0001_initial")])
    executor.unapply_migration(primeira, segunda)
    for tipo, titulo in (
        ("guias.pgdasd.consultar", "Consultar declarações · 0012 Padaria · Filial Ltda"),
        ("guias.pgdasd.extrato", "Extrato do DAS 07202611300000001 · 0012 Padaria Ltda"),
        ("guias.das.emitir", "Emitir 2 DAS de 10/2026 · 1 parte"),
    ):
        Processamento.objects.create(tipo=tipo, titulo=titulo, usuario=ana)
    executor.apply_migration(primeira, segunda)
    assert list(Processamento.objects.order_by("pk").values_list("titulo", flat=True)) == [
        "Consultar declarações",
        "Buscar extrato do DAS",
        "Emitir 2 DAS de 10/2026 · 1 parte",
    ]


def _inserir_como(apps: object, chave: str) -> None:
    apps.get_model("operacoes", "Operacao").objects.create(  # type: ignore[attr-defined]
        tipo="x", chave=chave, pedido={}, acesso="x", balde="x", servico="x", efeito="documento", classe="emissao"
    )
    apps.get_model("operacoes", "Circuito").objects.create(servico=chave)  # type: ignore[attr-defined]
