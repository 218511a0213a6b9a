import dataclasses
from datetime import datetime, timedelta
from decimal import Decimal as D

import pytest

from nfse.providers.interface import DadosInvalidos
from nfse.providers.nacional import assinatura, preparo
from nfse.providers.nacional.assinatura import Perfil
from nfse.providers.nacional.valores import TotalTributos
from operacoes.errors import AccessDenied
from tests.assinaturas import verificar
from tests.nfse.nacional.apoio import CNPJ_COM_LETRAS, a1, chave_de
from tests.nfse.nacional.declaracoes import BRASILIA, SIMPLES, com
from tests.nfse.nacional.test_eventos import PEDIDO

AGORA = datetime(2026, 11, 20, 14, 31, tzinfo=BRASILIA)
ASSINANTE = assinatura.abrir(a1())


@pytest.mark.parametrize("perfil", list(Perfil))
def test_a_declaration_and_a_request_leave_signed(perfil: Perfil) -> None:
    dps = preparo.preparar_dps(SIMPLES, ASSINANTE, agora=AGORA, perfil=perfil, grupo_exigido="")
    evento = preparo.preparar_evento(PEDIDO, ASSINANTE, agora=AGORA, perfil=perfil)
    assert (dps.id[:3], evento.id[:3]) == ("DPS", "PRE")
    verificar(dps.xml)
    verificar(evento.xml)


def test_everything_wrong_is_told_at_once_by_our_rules() -> None:
    ruim = com(SIMPLES, descricao="", valor_unitario=D(0), total_tributos=TotalTributos())
    with pytest.raises(DadosInvalidos) as erro:
        preparo.preparar_dps(ruim, ASSINANTE, agora=AGORA)
    assert {problema.campo for problema in erro.value.problemas} == {
        "itens.0.descricao",
        "itens.0.valor_unitario",
        "total_tributos",
    }
    assert erro.value.mensagem.startswith("Nada foi enviado ao sistema nacional da NFS-e.")


def test_what_our_rules_let_pass_the_schema_stops() -> None:
    with pytest.raises(DadosInvalidos) as erro:
        preparo.preparar_dps(com(SIMPLES, codigo_interno="com espaço"), ASSINANTE, agora=AGORA)
    assert [problema.campo for problema in erro.value.problemas] == ["codigo_interno"]
    ruim = dataclasses.replace(PEDIDO, autor=CNPJ_COM_LETRAS, chave=chave_de(CNPJ_COM_LETRAS))
    with pytest.raises(DadosInvalidos, match="defeito conhecido"):
        preparo.preparar_evento(ruim, ASSINANTE, agora=AGORA)


def test_another_certificate_or_an_expired_one_signs_nothing() -> None:
    with pytest.raises(AccessDenied, match=r"é de 12\.ABC"):
        preparo.preparar_dps(SIMPLES, assinatura.abrir(a1(CNPJ_COM_LETRAS)), agora=AGORA)
    with pytest.raises(AccessDenied, match="venceu"):
        preparo.preparar_evento(PEDIDO, ASSINANTE, agora=AGORA + timedelta(days=4000))
