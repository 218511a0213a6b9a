"""Whatever the bytes, an import ends in words: never an exception, never a line half applied."""

import csv
import io
from collections.abc import Iterator

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from comum.models import Papel, Usuario
from empresas.importacao import base
from empresas.importacao.empresas import COLUNAS
from empresas.models import Carteira, Empresa, Importacao, RegimeEmpresa
from empresas.models.cadastro import texto_de_busca
from tests.cast import cnpj_valido, criar_empresa, criar_usuario

pytestmark = pytest.mark.django_db
sem_pressa = settings(
    max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)

BOAS = {
    "codigo": st.sampled_from(["", "1", "0002", "A-3"]),
    "documento": st.integers(0, 5).map(cnpj_valido) | st.just("529.982.247-25"),
    "razao_social": st.sampled_from(["Padaria São João", "Açaí \\ D'Oeste", 'Aspas "de" ouro; e vírgula,']),
    "nome_fantasia": st.sampled_from(["", "Loja"]),
    "regime": st.sampled_from(["MEI", "simples nacional", "Outro", "lucro real"]),
    "regime_desde": st.sampled_from(["", "01/01/2026", "01/12/2026"]),
    "uf": st.sampled_from(["", "SP"]),
    "municipio": st.sampled_from(["", "São Paulo", "3550308"]),
    "inscricao_municipal": st.sampled_from(["", "123"]),
    "cnae": st.sampled_from(["", "6201-5/01"]),
    "email_fiscal": st.sampled_from(["", "f@x.com.br"]),
    "carteira": st.sampled_from(["", "Fiscal A", "fiscal a"]),
    "inicio_atividade": st.sampled_from(["", "01/02/2020"]),
    "ativa": st.sampled_from(["", "S", "não"]),
}
QUALQUER = st.text(max_size=20)
LINHA = st.fixed_dictionaries({nome: boa | QUALQUER if nome != "documento" else boa for nome, boa in BOAS.items()})


@pytest.fixture
def quem() -> Usuario:
    Carteira.objects.create(nome="Fiscal A")
    criar_empresa(1)
    criar_empresa(2, regime="mei")
    return criar_usuario("ana", Papel.ADMINISTRADOR)


def _csv(linhas: list[dict[str, str]], separador: str, codificacao: str) -> bytes:
    saida = io.StringIO(newline="")
    escritor = csv.writer(saida, delimiter=separador)
    escritor.writerow([coluna.rotulo for coluna in COLUNAS])
    escritor.writerows([linha[coluna.nome] for coluna in COLUNAS] for linha in linhas)
    return saida.getvalue().encode(codificacao, errors="replace")


def _rodar(usuario: Usuario, conteudo: bytes) -> Iterator[Importacao]:
    """The Importacao after the check and, when there is something to apply, after importing."""
    importacao = base.receber(tipo="empresas", usuario=usuario, nome_arquivo="x.csv", conteudo=conteudo, agendar=False)
    base.conferir(importacao.pk)
    importacao.refresh_from_db()
    yield importacao
    if importacao.situacao == "conferida" and importacao.resultado["novas"] + importacao.resultado["alteradas"]:
        base.pedir_importar(importacao, agendar=False)
        base.importar(importacao.pk)
        importacao.refresh_from_db()
        yield importacao


@given(conteudo=st.binary(min_size=1, max_size=300))
@sem_pressa
def test_any_bytes_end_in_words(quem: Usuario, conteudo: bytes) -> None:
    with transaction.atomic():
        (importacao,) = _rodar(quem, conteudo)
        assert importacao.situacao == "falhou"
        assert importacao.mensagem
        assert "Algo falhou" not in importacao.mensagem
        transaction.set_rollback(True)


@given(corpo=st.binary(max_size=400))
@sem_pressa
def test_any_bytes_under_a_good_header_end_in_words(quem: Usuario, corpo: bytes) -> None:
    with transaction.atomic():
        *_, importacao = _rodar(quem, b"cnpj;razao social;regime;municipio;e-mail\n" + corpo)
        assert "Algo falhou" not in importacao.mensagem
        transaction.set_rollback(True)


@given(
    linhas=st.lists(LINHA, min_size=1, max_size=8),
    separador=st.sampled_from(";,\t"),
    codificacao=st.sampled_from(["utf-8", "utf-8-sig", "cp1252"]),
)
@sem_pressa
def test_good_and_bad_lines_mixed_are_all_accounted_for(
    quem: Usuario, linhas: list[dict[str, str]], separador: str, codificacao: str
) -> None:
    with transaction.atomic():
        antes = Empresa.objects.count()
        conferida, *importada = _rodar(quem, _csv(linhas, separador, codificacao))
        if conferida.situacao == "conferida":
            r = conferida.resultado
            assert r["novas"] + r["alteradas"] + r["iguais"] + r["recusadas"] == conferida.linhas
            assert Empresa.objects.count() == antes + (r["novas"] if importada else 0)
        else:
            assert "Algo falhou" not in conferida.mensagem
        _conferir_banco()
        transaction.set_rollback(True)


def _conferir_banco() -> None:
    """What any import must leave true."""
    for empresa in Empresa.objects.select_related("municipio"):
        esperado = texto_de_busca(empresa.codigo, empresa.documento, empresa.razao_social, empresa.nome_fantasia)
        assert (empresa.busca, empresa.ordem) == esperado
        assert RegimeEmpresa.objects.filter(empresa=empresa).exists()


@given(linhas=st.lists(LINHA, min_size=1, max_size=8))
@sem_pressa
def test_importing_the_same_lines_again_changes_nothing(quem: Usuario, linhas: list[dict[str, str]]) -> None:
    with transaction.atomic():
        conteudo = _csv(linhas, ";", "utf-8")
        primeira = list(_rodar(quem, conteudo))
        if primeira[-1].situacao == "importada":
            (segunda,) = _rodar(quem, conteudo)
            r = primeira[0].resultado
            assert segunda.resultado["iguais"] == r["novas"] + r["alteradas"] + r["iguais"]
        transaction.set_rollback(True)
