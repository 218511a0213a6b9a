"""A town that asks for more than the common fields, and how each service knows a tomador: against the simulators."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client

from comum.models import Usuario
from nfse.models import CanalNfse, Nota, TomadorNoCanal
from nfse.services import identidade
from nfse.services.exigencias import Exigencias
from nfse.services.pedidos import pessoa_de
from nfse.services.tomadores import salvar_tomador
from operacoes.models import Operacao
from tests.nfse.escritorio import canal_no_integranotas, emitir_ja, item, rascunho
from tests.sandbox_fixture import SandboxVivo

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def integranotas(nfse_vivo: SandboxVivo) -> Iterator[SandboxVivo]:
    nfse_vivo.controle.ajustes(**{"integranotas.limites": False})
    yield nfse_vivo
    nfse_vivo.controle.ajustes(**{"integranotas.obrigatorios": []})


@pytest.mark.parametrize(
    ("versao", "pedidos", "exigidas", "linha"),
    [
        (
            1,
            ["natureza_operacao", "obra.art", "servico.itens[].exigibilidade_iss"],
            {"natureza": "fora", "obra_art": "PE20260001", "exigibilidade": "exigivel"},
            {},
        ),
        (
            2,
            ["intermediario.razao_social", "servico.ibs_cbs.classificacao_tributaria"],
            {
                "intermediario_documento": "11222333000181",
                "intermediario_nome": "Corretora Inventada Ltda",
                "ibs_cbs_situacao": "000",
                "ibs_cbs_classificacao": "000001",
                "ibs_cbs_fornecimento": "100101",
            },
            {"item_lc116": "17.19", "codigo_nacional": "171901", "nbs": "114061100"},
        ),
    ],
)
def test_what_a_town_asks_for_is_refused_without_it_and_accepted_with_it(
    integranotas, ana: Usuario, versao: int, pedidos: list[str], exigidas: dict[str, Any], linha: dict[str, str]
) -> None:
    canal = canal_no_integranotas(integranotas, 31 + versao, versao=versao)
    integranotas.controle.ajustes(**{"integranotas.obrigatorios": pedidos})
    nota = rascunho(canal, ana, item(**linha))
    emitir_ja(nota, usuario=ana)
    nota.refresh_from_db()
    assert nota.situacao == Nota.Situacao.RECUSADA
    assert pedidos[0].rpartition(".")[2] in Operacao.objects.get(nota=nota).palavras_do_servico
    Exigencias(**exigidas).por_em(nota)
    nota.save()
    emitir_ja(nota, usuario=ana)
    nota.refresh_from_db()
    assert (nota.situacao, nota.numero) == (Nota.Situacao.AUTORIZADA, 1)


def test_after_a_note_sisgenfes_own_words_of_the_tomador_are_kept(canal: CanalNfse, ana: Usuario) -> None:
    nota = rascunho(canal, ana)
    emitir_ja(nota, usuario=ana)
    linha = TomadorNoCanal.objects.get()
    assert (linha.tomador, linha.canal) == (nota.tomador, canal)
    assert linha.documento == nota.tomador.documento_mascarado
    assert linha.dados["dadosTomador"]["razaoSocial"] == nota.tomador.nome
    assert linha.enviado == identidade.impressao(pessoa_de(nota.tomador))


def test_after_a_note_of_integra_notas_the_document_is_unmasked(integranotas, ana: Usuario) -> None:
    nota = rascunho(canal_no_integranotas(integranotas, 35), ana)
    emitir_ja(nota, usuario=ana)
    linha = TomadorNoCanal.objects.get()
    assert (linha.documento, linha.dados, linha.id_servico) == (nota.tomador.documento, {}, "")
    assert linha.enviado_em == Operacao.objects.get().enviada_em


def test_the_tomadors_page_says_where_it_was_sent_and_that_it_changed_since(
    canal: CanalNfse, ana: Usuario, client: Client
) -> None:
    nota = rascunho(canal, ana)
    emitir_ja(nota, usuario=ana)
    client.force_login(ana)
    antes = client.get(nota.tomador.get_absolute_url()).content.decode()
    nota.tomador.nome = "Tomador de Nome Novo SA"
    salvar_tomador(tomador=nota.tomador, usuario=ana)
    depois = client.get(nota.tomador.get_absolute_url()).content.decode()
    assert "No SISGENF-e de Barreiros" in antes
    assert nota.tomador.documento_mascarado in antes
    assert "o cadastro mudou depois" not in antes
    assert "o cadastro mudou depois" in depois


def test_the_next_note_sends_the_tomador_again_and_the_row_follows(canal: CanalNfse, ana: Usuario) -> None:
    primeira = rascunho(canal, ana)
    emitir_ja(primeira, usuario=ana)
    antes = TomadorNoCanal.objects.get()
    primeira.tomador.nome = "Tomador de Nome Novo SA"
    salvar_tomador(tomador=primeira.tomador, usuario=ana)
    emitir_ja(rascunho(canal, ana), usuario=ana)
    depois = TomadorNoCanal.objects.get()
    assert depois.dados["dadosTomador"]["razaoSocial"] == "Tomador de Nome Novo SA"
    assert depois.enviado_em > antes.enviado_em
    assert depois.enviado != antes.enviado


def test_a_tomador_that_the_service_refused_is_not_told_as_sent(canal: CanalNfse, ana: Usuario, nfse_vivo) -> None:
    nfse_vivo.controle.cenario(acao="recusar", servico="sisgenfe", operacao="tomador", vezes=1)
    nota = rascunho(canal, ana)
    emitir_ja(nota, usuario=ana)
    nota.refresh_from_db()
    assert nota.situacao == Nota.Situacao.RECUSADA
    assert not TomadorNoCanal.objects.exists()
