"""The draft: nothing reaches Vinculo before *Avançar*, and every edit is one visible, undoable row."""

from uuid import UUID

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from comum.models import Auditoria, Usuario
from credentials.models import Acao, Autor, CertificadoA1, Credencial, ItemRascunho, Servico, Vinculo
from credentials.services import certificados, rascunho
from credentials.services.avancar import avancar
from credentials.services.certificados import CertificadoNovo
from credentials.services.rascunho import Configuracao, Mudancas
from empresas.models import Carteira, Empresa
from tests.cast import criar_empresa
from tests.credentials.fabrica import SENHA_PFX, certificado_x509, pfx, vincular

DAS = Configuracao((Servico.PGDASD.value, Servico.DAS.value))


def itens(usuario: Usuario) -> dict[str, str]:
    return dict(ItemRascunho.objects.filter(rascunho__usuario=usuario).values_list("empresa__codigo", "acao"))


@pytest.fixture
def empresas(carteira: Carteira) -> list[Empresa]:
    return [criar_empresa(n, carteira=carteira) for n in range(1, 5)]


def incluir(usuario: Usuario, credencial: Credencial, *empresas: Empresa, configuracao: Configuracao = DAS):
    return rascunho.incluir(
        usuario=usuario, credencial=credencial, configuracoes={e.pk: configuracao for e in empresas}
    )


def alterar(usuario: Usuario, credencial: Credencial, mudancas: Mudancas, *empresas: Empresa):
    return rascunho.alterar(
        usuario=usuario,
        credencial=credencial,
        mudancas=dict.fromkeys((e.pk for e in empresas), mudancas),
    )


def excluir(usuario: Usuario, credencial: Credencial, *empresas: Empresa) -> rascunho.Exclusao:
    return rascunho.excluir(
        usuario=usuario, credencial=credencial, empresas=Empresa.objects.filter(pk__in=[e.pk for e in empresas])
    )


def test_incluir_writes_the_draft_and_not_the_vinculo(bruno, credencial, empresas) -> None:
    assert incluir(bruno, credencial, *empresas).feitas == 4
    assert set(itens(bruno).values()) == {Acao.INCLUIR}
    assert not Vinculo.objects.exists()


def test_incluir_refuses_an_empresa_of_another_credencial(bruno, ana, credencial, outra_credencial, empresas) -> None:
    vincular(empresas[0], outra_credencial, ana)
    resultado = incluir(bruno, credencial, *empresas[:2])
    assert (resultado.feitas, len(resultado.recusas)) == (1, 1)
    assert "outra credencial" in resultado.recusas[0].motivo


def test_incluir_refuses_an_inactive_empresa(bruno, credencial, carteira) -> None:
    resultado = incluir(bruno, credencial, criar_empresa(9, carteira=carteira, ativa=False))
    assert "inativa" in resultado.recusas[0].motivo


def test_incluir_ignores_empresas_outside_the_carteiras(bruno, credencial, outra_carteira) -> None:
    assert incluir(bruno, credencial, criar_empresa(9, carteira=outra_carteira)).feitas == 0
    assert itens(bruno) == {}


def test_excluir_a_row_that_was_only_included_takes_it_out(bruno, credencial, empresas) -> None:
    incluir(bruno, credencial, empresas[0])
    assert excluir(bruno, credencial, empresas[0]) == rascunho.Exclusao(marcadas=0, retiradas=1)
    assert itens(bruno) == {}


def test_taking_an_inclusion_out_leaves_what_somebody_else_linked_meanwhile(ana, bruno, credencial, empresas) -> None:
    incluir(bruno, credencial, empresas[0])
    vincular(empresas[0], credencial, ana)
    excluir(bruno, credencial, empresas[0])
    assert itens(bruno) == {}


def test_excluir_after_alterar_is_one_exclusion(bruno, credencial, empresas) -> None:
    vincular(empresas[0], credencial, bruno)
    alterar(bruno, credencial, Mudancas(mais=(Servico.MEI,)), empresas[0])
    excluir(bruno, credencial, empresas[0])
    assert itens(bruno) == {"0001": Acao.EXCLUIR}


def test_including_an_excluded_row_brings_it_back_as_a_change(bruno, credencial, empresas) -> None:
    vincular(empresas[0], credencial, bruno)
    excluir(bruno, credencial, empresas[0])
    incluir(bruno, credencial, empresas[0], configuracao=Configuracao((Servico.MEI.value,)))
    assert itens(bruno) == {"0001": Acao.ALTERAR}


def test_including_an_excluded_row_as_it_was_leaves_no_edit(bruno, credencial, empresas) -> None:
    vincular(empresas[0], credencial, bruno)
    excluir(bruno, credencial, empresas[0])
    incluir(bruno, credencial, empresas[0])
    assert itens(bruno) == {}


def test_a_change_back_to_what_is_written_leaves_the_draft(bruno, credencial, empresas) -> None:
    vincular(empresas[0], credencial, bruno)
    alterar(bruno, credencial, Mudancas(mais=(Servico.MEI,)), empresas[0])
    alterar(bruno, credencial, Mudancas(menos=(Servico.MEI,)), empresas[0])
    assert itens(bruno) == {}


def test_an_excluded_row_is_not_altered(bruno, credencial, empresas) -> None:
    vincular(empresas[0], credencial, bruno)
    excluir(bruno, credencial, empresas[0])
    assert "excluída" in alterar(bruno, credencial, Mudancas(mais=(Servico.MEI,)), empresas[0]).recusas[0].motivo


def test_replicating_copies_only_the_changed_fields(bruno, credencial, empresas) -> None:
    vincular(empresas[0], credencial, bruno, (Servico.PGDASD,))
    outra = vincular(empresas[1], credencial, bruno, (Servico.DARF, Servico.CAIXA_POSTAL))
    Vinculo.objects.filter(pk=outra.pk).update(observacao="cliente novo")
    antes = Configuracao((Servico.PGDASD.value,))
    depois = Configuracao((Servico.PGDASD.value, Servico.PAGAMENTOS.value))
    alterar(bruno, credencial, Mudancas.entre(antes, depois), *empresas[:2])
    item = ItemRascunho.objects.get(empresa=empresas[1])
    assert item.servicos == [Servico.DARF, Servico.PAGAMENTOS, Servico.CAIXA_POSTAL]
    assert item.observacao == "cliente novo"


def test_replicating_never_leaves_an_empresa_without_services(bruno, credencial, empresas) -> None:
    vincular(empresas[0], credencial, bruno, (Servico.PGDASD,))
    resultado = alterar(bruno, credencial, Mudancas(menos=(Servico.PGDASD,)), empresas[0])
    assert "sem nenhum serviço" in resultado.recusas[0].motivo


def test_autor_travels_with_its_procurador(bruno, credencial, empresas) -> None:
    vincular(empresas[0], credencial, bruno)
    mudancas = Mudancas.entre(DAS, Configuracao(DAS.servicos, Autor.PROCURADOR.value, "52998224725"))
    alterar(bruno, credencial, mudancas, empresas[0])
    item = ItemRascunho.objects.get()
    assert (item.autor, item.procurador) == (Autor.PROCURADOR, "52998224725")


def test_changes_survive_the_trip_through_the_form() -> None:
    mudancas = Mudancas(("das",), ("mei",), ("procurador", "52998224725", None), "")
    assert Mudancas.de_json(mudancas.para_json()) == mudancas


def test_drafts_are_per_user_and_credencial(ana, bruno, credencial, outra_credencial, empresas) -> None:
    incluir(bruno, credencial, empresas[0])
    incluir(bruno, outra_credencial, empresas[0])
    incluir(ana, credencial, empresas[0])
    assert ItemRascunho.objects.count() == 3


def test_desfazer_of_one_row_keeps_the_others(bruno, credencial, empresas) -> None:
    incluir(bruno, credencial, *empresas)
    rascunho.desfazer_linhas(usuario=bruno, credencial=credencial, empresas=[empresas[0].pk])
    assert set(itens(bruno)) == {"0002", "0003", "0004"}


def test_cancelar_undoes_every_edit_and_nothing_written(bruno, credencial, empresas) -> None:
    vincular(empresas[0], credencial, bruno)
    incluir(bruno, credencial, empresas[1])
    excluir(bruno, credencial, empresas[0])
    assert rascunho.cancelar(usuario=bruno, credencial=credencial) == 2
    assert itens(bruno) == {}
    assert Vinculo.objects.count() == 1


def test_the_grid_shows_the_draft_over_what_is_written(bruno, credencial, empresas) -> None:
    vincular(empresas[0], credencial, bruno)
    vincular(empresas[1], credencial, bruno)
    excluir(bruno, credencial, empresas[0])
    incluir(bruno, credencial, empresas[2])
    meu = rascunho.rascunho_de(bruno, credencial)
    grade = list(rascunho.empresas_da_janela(bruno, credencial, meu))
    linhas = rascunho.linhas(grade, credencial, meu)
    assert [(linha.empresa.codigo, linha.marca) for linha in linhas] == [
        ("0001", "excluida"),
        ("0002", ""),
        ("0003", "incluida"),
    ]


# -- certificates that only a draft names --

PROCURADOR = "52998224725"


def novo_certificado() -> CertificadoNovo:
    conteudo = pfx(certificado_x509(cpf=PROCURADOR, cnpj=""))
    return CertificadoNovo(conteudo, SENHA_PFX, certificados.ler_pfx(conteudo, SENHA_PFX))


def por_procurador(novo: CertificadoNovo) -> Mudancas:
    return Mudancas(autor=(Autor.PROCURADOR.value, PROCURADOR, novo.pk))


@pytest.fixture
def com_certificado(bruno, ana, credencial, empresas) -> CertificadoNovo:
    """Three vinculadas; 0001 altered in Bruno's draft with a new certificate of the procurador."""
    for empresa in empresas[:3]:
        vincular(empresa, credencial, ana)
    novo = novo_certificado()
    rascunho.alterar(
        usuario=bruno, credencial=credencial, mudancas={empresas[0].pk: por_procurador(novo)}, certificado=novo
    )
    assert guardados() == {novo.pk}
    return novo


def guardados() -> set[UUID]:
    return set(CertificadoA1.objects.filter(documento=PROCURADOR).values_list("pk", flat=True))


def test_a_cancelled_draft_leaves_no_certificate_behind(bruno, credencial, com_certificado) -> None:
    rascunho.cancelar(usuario=bruno, credencial=credencial)
    assert guardados() == set()
    assert Auditoria.objects.filter(acao="certificado.descartar", usuario=bruno).count() == 1


def test_replicating_keeps_the_certificate_until_the_last_row_that_names_it_goes(
    bruno, credencial, empresas, com_certificado
) -> None:
    alterar(bruno, credencial, por_procurador(com_certificado), *empresas[1:3])
    rascunho.desfazer_linhas(usuario=bruno, credencial=credencial, empresas=[empresas[0].pk])
    excluir(bruno, credencial, empresas[1])
    assert guardados() == {com_certificado.pk}
    alterar(bruno, credencial, Mudancas(autor=(Autor.CONTRATANTE.value, "", None)), empresas[2])
    assert guardados() == set()


def test_replicating_a_certificate_that_is_gone_is_refused_in_words(
    bruno, credencial, empresas, com_certificado
) -> None:
    rascunho.cancelar(usuario=bruno, credencial=credencial)
    resultado = alterar(bruno, credencial, por_procurador(com_certificado), empresas[1])
    assert resultado.feitas == 0
    assert "não está mais guardado" in resultado.recusas[0].motivo


def test_a_second_file_in_the_draft_takes_the_place_of_the_first(bruno, credencial, empresas, com_certificado) -> None:
    outro = novo_certificado()
    rascunho.alterar(
        usuario=bruno, credencial=credencial, mudancas={empresas[0].pk: por_procurador(outro)}, certificado=outro
    )
    assert guardados() == {outro.pk}


def test_what_was_written_keeps_its_certificate(bruno, credencial, empresas, com_certificado) -> None:
    avancar(usuario=bruno, credencial=credencial)
    excluir(bruno, credencial, empresas[0])
    rascunho.cancelar(usuario=bruno, credencial=credencial)
    assert guardados() == {com_certificado.pk}


def test_all_the_loose_certificates_are_looked_for_in_the_history_at_once(
    bruno, credencial, empresas, com_certificado
) -> None:
    avancar(usuario=bruno, credencial=credencial)
    novos = [novo_certificado() for _ in range(2)]
    for novo, empresa in zip(novos, empresas[1:3], strict=True):
        rascunho.alterar(
            usuario=bruno, credencial=credencial, mudancas={empresa.pk: por_procurador(novo)}, certificado=novo
        )
    excluir(bruno, credencial, empresas[0])
    with CaptureQueriesContext(connection) as consultas:
        rascunho.cancelar(usuario=bruno, credencial=credencial)
    assert guardados() == {com_certificado.pk}
    assert sum("credentials_gravacaoitem" in consulta["sql"] for consulta in consultas) == 1
