"""Each obligation of the month in a few lines: how many stand where, and the list that shows them.

A line counts what the list it opens counts: empresas in *Apuração e DAS* and *MEI*, guias in *Guias*, notas in *Notas*,
titles in *Títulos*; where no list has it, the grid of the first page.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.http import QueryDict
from django.urls import reverse

from comum.models import Usuario
from comum.templatetags.tela import SINAIS
from empresas.contexto import Contexto
from guias.models import SituacaoGuia
from guias.services.filtros import ENTREGAS
from nfse.lista_gerar import lista_a_gerar
from nfse.lista_gerar import quadro as quadro_dos_contratos
from nfse.lista_notas import lista_de_notas
from nfse.lista_notas import quadro as quadro_das_notas
from nfse.models import Nota
from pagar.lista_titulos import PRECISAM, lista_de_titulos, quantos_precisam
from pagar.lista_titulos import quadro as quadro_dos_titulos
from pagar.models import ContaErp, Titulo
from painel.celulas import OBRIGACOES, PREFIXO_MEI, Grau, estado_de
from painel.fotografia import ContasDasGuias, Fotografia


@dataclass(frozen=True)
class Parcela:
    """`n` of something, in the words of `rotulo`; `url` opens the list that shows just those, empty when this user has
    none. `tom` as a chip's."""

    rotulo: str
    n: int
    tom: str
    url: str = ""

    @property
    def sinal(self) -> str:
        return SINAIS[self.tom]


@dataclass(frozen=True)
class Total:
    """An obligation: of the empresas of which it is asked (`empresas`) in how many it is done, and what is left."""

    nome: str
    rotulo: str
    feitas: int
    empresas: int
    parcelas: list[Parcela]


@dataclass(frozen=True)
class Passo:
    """The month's next step for the `n` empresas that wait for it, on the page and under the key where it is taken."""

    rotulo: str
    n: int
    tecla: str
    url: str


_DO_SIMPLES = ("receita", "apuracao", "transmissao", "das")


def totais(foto: Fotografia, usuario: Usuario, contexto: Contexto) -> list[Total]:
    parcelas = {
        **{nome: [*_do_simples(nome, foto)] for nome in _DO_SIMPLES},
        **_das_guias(foto.guias),
        "nota": [*_das_notas(usuario, contexto)],
        "titulo": [*_dos_titulos(foto, usuario, contexto)],
    }
    return [_total(nome, foto, [p for p in parcelas[nome] if p.n]) for nome in OBRIGACOES]


_PASSOS = (
    ("Conferir", "F4", "apuracao", ("a_conferir", "simulada")),
    ("Transmitir", "F9", "transmissao", ("a_transmitir",)),
    ("Emitir DAS de", "F8", "das", ("a_emitir",)),
)


def passos(foto: Fotografia) -> list[Passo]:
    """In the month's order, those that some empresa waits for."""
    achados = []
    for rotulo, tecla, nome, valores in _PASSOS:
        contas = {valor: n for valor in valores if (n := foto.por_estado[nome][valor])}
        if contas:
            valor = max(contas, key=contas.__getitem__)
            achados.append(Passo(rotulo, contas[valor], tecla, _com("guias:apuracao", etapa=f"{nome}.{valor}")))
    return achados


def _total(nome: str, foto: Fotografia, parcelas: list[Parcela]) -> Total:
    graus = dict.fromkeys(Grau, 0)
    for valor, n in foto.por_estado[nome].items():
        graus[estado_de(nome, valor).grau] += n
    pedidas = sum(graus.values()) - graus[Grau.NADA]
    return Total(nome, OBRIGACOES[nome].rotulo, graus[Grau.FEITO], pedidas, parcelas)


def _com(nome: str, **parametros: Any) -> str:
    return f"{reverse(nome)}?{urlencode(parametros)}"


def _do_simples(nome: str, foto: Fotografia) -> Iterator[Parcela]:
    for valor, estado in OBRIGACOES[nome].estados.items():
        if estado.grau not in (Grau.PRECISA, Grau.A_FAZER) and valor not in ("em_andamento", "mei_andamento"):
            continue
        if valor == "problema":
            url = _com("inicio", **{nome: valor})
        elif valor.startswith(PREFIXO_MEI):
            url = _com("guias:mei", situacao=valor.removeprefix(PREFIXO_MEI))
        else:
            url = _com("guias:apuracao", etapa=f"{nome}.{valor}")
        yield Parcela(estado.rotulo, foto.por_estado[nome][valor], estado.tom, url)


def _das_guias(guias: ContasDasGuias) -> dict[str, list[Parcela]]:
    situacao = SituacaoGuia
    return {
        "entrega": [
            Parcela(
                rotulo,
                guias.entrega[estado],
                estado_de("entrega", estado).tom,
                _com("guias:lista", entrega=estado),
            )
            for estado, rotulo in ENTREGAS.items()
            if estado != "lida"
        ],
        "pagamento": [
            Parcela("Vencidas", guias.situacao[situacao.VENCIDA], "erro", _com("guias:lista", situacao="vencida")),
            Parcela("A pagar", guias.situacao[situacao.EMITIDA], "info", _com("guias:lista", situacao="emitida")),
            Parcela(
                "Pagas",
                guias.situacao[situacao.PAGA],
                "ok",
                _com("guias:lista", situacao="paga"),
            ),
        ],
    }


def _das_notas(usuario: Usuario, contexto: Contexto) -> Iterator[Parcela]:
    situacao = Nota.Situacao
    somas = quadro_das_notas(lista_de_notas(QueryDict(), usuario, contexto).base)
    faltam = quadro_dos_contratos(lista_a_gerar(QueryDict(), usuario, contexto).base, contexto.competencia).faltam
    yield from (
        Parcela(rotulo, somas[nome].quantas, tom, _com("nfse:notas", situacao=nome))
        for rotulo, nome, tom in (
            ("Recusadas", situacao.RECUSADA, "erro"),
            ("Rascunhos", situacao.RASCUNHO, "info"),
            ("Emitindo", situacao.EMITINDO, "info"),
            ("Cancelando", situacao.CANCELANDO, "info"),
        )
        if nome in somas
    )
    yield Parcela(
        "Contratos a gerar", faltam, "info", _com("nfse:contratos_gerar", nota="falta") if usuario.opera else ""
    )


def _dos_titulos(foto: Fotografia, usuario: Usuario, contexto: Contexto) -> Iterator[Parcela]:
    if not ContaErp.objects.filter(ativa=True).exists():
        return
    situacao = Titulo.Situacao
    titulos = lista_de_titulos(QueryDict(), usuario, contexto).base
    somas = quadro_dos_titulos(titulos)
    yield Parcela("Precisam de alguém", quantos_precisam(titulos), "erro", _com("pagar:titulos", situacao=PRECISAM))
    yield Parcela(
        "Guias sem título",
        foto.sem_titulo,
        "info",
        _com("pagar:das_guias", titulo="falta") if usuario.opera else "",
    )
    for rotulo, nome in (
        ("A enviar", situacao.RASCUNHO),
        ("Enviando", situacao.ENVIANDO),
        ("Em aberto", situacao.ABERTO),
    ):
        if nome in somas:
            yield Parcela(rotulo, somas[nome].quantos, "info", _com("pagar:titulos", situacao=nome))
