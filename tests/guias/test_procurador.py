"""An autor other than the contratante: the signed termo, its token, and what happens at the edges, over the sandbox."""

from typing import Any

import pytest

from credentials.models import Autor, TermoAutorizacao
from credentials.services import certificados
from empresas.models import Empresa
from guias.providers import procurador
from guias.services import prevoo
from guias.services.acesso import Codigo
from guias.services.acoes import Acao
from operacoes.models import Operacao, Situacao
from tests.cast import criar_empresa
from tests.guias.apoio import OUTUBRO, credencial_do_sandbox, trabalhar, vincular

pytestmark = pytest.mark.django_db(transaction=True)

CPF = "52998224725"
SENHA = "a-senha"


@pytest.fixture(autouse=True)
def sem_tokens() -> None:
    procurador.esquecer()


@pytest.fixture
def empresas(serpro_vivo, carteira, ana, adicional_216) -> list[Empresa]:
    """Three companies asked about by a procurador whose A1 is kept."""
    credencial = credencial_do_sandbox(serpro_vivo)
    pfx = serpro_vivo.controle.emitir_a1(cnpj=CPF, nome="PROCURADORA DE TESTE", senha=SENHA)
    certificado = certificados.guardar(pfx, SENHA, certificados.ler_pfx(pfx, SENHA))
    criadas = [criar_empresa(numero, carteira=carteira) for numero in range(1, 4)]
    for empresa in criadas:
        vinculo = vincular(empresa, credencial, ana)
        vinculo.autor, vinculo.procurador, vinculo.procurador_certificado = Autor.PROCURADOR, CPF, certificado
        vinculo.save()
        procuracao = {"outorgante": empresa.documento, "outorgado": CPF, "poderes": ["TODOS"], "expira": "2030-01-01"}
        serpro_vivo.controle.post("cadastro", {"procuracoes": [procuracao]})
    return criadas


def consultar(empresas: list[Empresa], usuario: Any) -> None:
    previa = prevoo.prevoo(Acao.PROCURACOES, empresas, OUTUBRO)
    assert previa.fora == []
    prevoo.processar(Acao.PROCURACOES, empresas, OUTUBRO, usuario, marca=previa.marca)
    trabalhar()


def termos(serpro_vivo: Any) -> list[int]:
    chamadas = serpro_vivo.controle.chamadas(operacao="ENVIOXMLASSINADO81")
    return [chamada["status_http"] for chamada in chamadas]


def test_the_termo_is_signed_once_and_its_token_serves_every_call(empresas, ana, serpro_vivo) -> None:
    consultar(empresas, ana)
    assert {o.situacao for o in Operacao.objects.all()} == {Situacao.CONCLUIDA}
    assert termos(serpro_vivo) == [200]
    termo = TermoAutorizacao.objects.get()
    contratante = serpro_vivo.controle.contratantes()[0]["cnpj"]
    assert (termo.autor, termo.contratante) == (CPF, contratante)
    assert {c["autor"] for c in serpro_vivo.controle.chamadas(operacao="OBTERPROCURACAO41")} == {CPF}


def test_another_process_finds_the_token_in_the_etag(empresas, ana, serpro_vivo) -> None:
    consultar(empresas[:1], ana)
    procurador.esquecer()  # as a worker that has just started
    consultar(empresas[1:2], ana)
    assert termos(serpro_vivo) == [200, 304]
    assert TermoAutorizacao.objects.count() == 1


def test_a_token_that_is_no_longer_taken_is_asked_for_again_once(empresas, ana, serpro_vivo) -> None:
    consultar(empresas[:1], ana)
    chave, guardado = next(iter(procurador._guardados.items()))
    velho = "00000000-0000-0000-0000-000000000000"
    procurador._guardados[chave] = procurador.Token(velho, guardado.expira)
    consultar(empresas[1:2], ana)
    assert {o.situacao for o in Operacao.objects.all()} == {Situacao.CONCLUIDA}
    assert termos(serpro_vivo) == [200, 304]


def test_without_the_certificate_nothing_is_asked(empresas, serpro_vivo) -> None:
    vinculo = empresas[0].vinculo
    vinculo.procurador_certificado = None
    vinculo.save()
    (fora,) = prevoo.prevoo(Acao.PROCURACOES, empresas[:1], OUTUBRO).fora
    assert fora.codigo == Codigo.AUTOR
    assert "Falta o certificado A1 do procurador" in fora.motivo


def test_a_certificate_of_somebody_else_keeps_out_its_empresa_alone(empresas, ana, serpro_vivo) -> None:
    """The contratante's own calls go on: the refusal reaches the empresa, not the credencial."""
    estranho = serpro_vivo.controle.emitir_a1(cnpj="39053344705", nome="OUTRA PESSOA", senha=SENHA)
    certificado = certificados.guardar(estranho, SENHA, certificados.ler_pfx(estranho, SENHA))
    previa = prevoo.prevoo(Acao.PROCURACOES, empresas[:1], OUTUBRO)
    prevoo.processar(Acao.PROCURACOES, empresas[:1], OUTUBRO, ana, marca=previa.marca)
    vinculo = empresas[0].vinculo
    vinculo.procurador_certificado = certificado
    vinculo.save()
    trabalhar()
    operacao = Operacao.objects.get()
    assert operacao.situacao == Situacao.RECUSADA
    assert "não do CPF ou CNPJ do vínculo" in operacao.mensagem
    assert termos(serpro_vivo) == []
