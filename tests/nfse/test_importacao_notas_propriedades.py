"""Whatever the bytes, a file of notas ends in words: no exception, no line half applied, no note twice."""

import csv
import io

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from comum.models import Papel, Usuario
from empresas.models import Importacao
from nfse.importacao.colunas_notas import COLUNAS
from nfse.models import EventoNota, Nota, NotaItem
from tests.cast import cnpj_valido, criar_usuario
from tests.nfse.apoio_lote import CONTABIL, conferir, empresa_no_integranotas, empresa_no_sisgenfe, importar
from tests.nfse.fabrica import criar_servico, criar_tomador

pytestmark = pytest.mark.django_db
# Each example reads the official tables again.
poucos = settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])

QUALQUER = st.text(max_size=12)
BOAS = {
    "referencia": st.sampled_from(["", "", "R-1", "R-2"]),
    "empresa": st.sampled_from(["0001", "0002", cnpj_valido(1)]),
    "tomador": st.sampled_from([cnpj_valido(50), "529.982.247-25"]),
    "tomador_nome": st.sampled_from(["", "Maria da Silva"]),
    "servico": st.sampled_from(["HON", ""]),
    "item_lc116": st.sampled_from(["17.19", "17,19", ""]),
    "descricao": st.sampled_from(["Serviço de {MES}", "Ação \\ D'Oeste; e vírgula,"]),
    "competencia": st.sampled_from(["09/2025", "102025"]),
    "emissao": st.sampled_from(["20/10/2025", ""]),
    "valor_unitario": st.sampled_from(["1.234,56", "10", "1.234", "0,01"]),
    "quantidade": st.sampled_from(["", "2,5"]),
    "aliquota": st.sampled_from(["", "2", "5%"]),
    "iss_retido": st.sampled_from(["", "S", "não"]),
    "cep": st.sampled_from(["", "53020-140"]),
    "municipio": st.sampled_from(["", "Olinda/PE"]),
}
LINHA = st.fixed_dictionaries({nome: boa | QUALQUER if nome not in ("empresa",) else boa for nome, boa in BOAS.items()})


@pytest.fixture
def quem() -> Usuario:
    for empresa in (empresa_no_sisgenfe(1), empresa_no_integranotas(2)):
        criar_tomador(empresa)
        criar_servico(empresa, atividade=CONTABIL, cnae_id="6920601")
    return criar_usuario("ana", Papel.ADMINISTRADOR)


def _csv(linhas: list[dict[str, str]], separador: str, codificacao: str) -> bytes:
    saida = io.StringIO(newline="")
    escritor = csv.writer(saida, delimiter=separador)
    escritor.writerow([coluna.rotulo for coluna in COLUNAS])
    escritor.writerows([linha.get(coluna.nome, "") for coluna in COLUNAS] for linha in linhas)
    return saida.getvalue().encode(codificacao, errors="replace")


def _rodar(usuario: Usuario, conteudo: bytes) -> list[Importacao]:
    """The Importacao after the check and, when there is something to apply, after importing."""
    conferida = conferir(usuario, conteudo)
    aplica = conferida.situacao == "conferida" and conferida.resultado["novas"]
    return [conferida, importar(conferida)] if aplica else [conferida]


@given(corpo=st.binary(max_size=300))
@poucos
def test_any_bytes_under_a_good_header_end_in_words(quem: Usuario, corpo: bytes) -> None:
    with transaction.atomic():
        *_, importacao = _rodar(quem, "empresa;tomador;competência;valor;item;descrição\n".encode() + corpo)
        assert "Algo falhou" not in importacao.mensagem
        transaction.set_rollback(True)


@given(
    linhas=st.lists(LINHA, min_size=1, max_size=6),
    separador=st.sampled_from(";,\t"),
    codificacao=st.sampled_from(["utf-8", "utf-8-sig", "cp1252"]),
)
@poucos
def test_every_line_is_accounted_for_and_the_file_again_makes_no_note(
    quem: Usuario, linhas: list[dict[str, str]], separador: str, codificacao: str
) -> None:
    with transaction.atomic():
        conteudo = _csv(linhas, separador, codificacao)
        conferida, *importada = _rodar(quem, conteudo)
        assert "Algo falhou" not in conferida.mensagem
        if conferida.situacao == "conferida":
            r = conferida.resultado
            assert r["novas"] + r["iguais"] + r["recusadas"] == conferida.linhas
            assert Nota.objects.count() == NotaItem.objects.count() == EventoNota.objects.count()
            assert Nota.objects.count() == (r["novas"] if importada else 0)
            assert conferir(quem, conteudo).resultado["novas"] == 0 or not importada
        transaction.set_rollback(True)
