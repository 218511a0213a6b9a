"""The grid of the first page: empresas by obrigação, searched, filtered, sorted and written to a file."""

from collections.abc import Iterable, Iterator
from functools import cache
from typing import Any

from django.db.models import BooleanField, Case, F, QuerySet, Value, When
from django.http import QueryDict

from comum.documentos import mascarar
from comum.listas import Filtro, Lista
from comum.models import Usuario
from comum.planilhas import Celula
from comum.prontas import lista_de_ids
from empresas.contexto import Contexto
from empresas.listas import filtro_de_carteira
from empresas.models import Empresa, Regime
from empresas.models.cadastro import UmaDe
from painel.celulas import NOMES, OBRIGACOES, Grau, estado_de
from painel.fotografia import SEM_REGIME, Combo, Fotografia, graus
from painel.partes import das_empresas

PRECISA, A_FAZER, PRONTO = "precisa", "a_fazer", "pronto"
REGIMES = [*Regime.choices, (SEM_REGIME, "Sem regime informado")]
_NOME_DO_REGIME = dict(REGIMES)


def no_todo(valor: str, combo: Combo) -> bool:
    """Whether the empresa as a whole stands there."""
    vistos = graus(combo)
    if valor == PRONTO:
        return vistos <= {Grau.FEITO, Grau.NADA}
    return (Grau.PRECISA if valor == PRECISA else Grau.A_FAZER) in vistos


def _serve(nome: str, valor: str, combo: Combo) -> bool:
    if nome == "estado":
        return no_todo(valor, combo)
    return combo[0 if nome == "regime" else 1 + NOMES.index(nome)] == valor


def lista_do_painel(params: QueryDict, usuario: Usuario, contexto: Contexto, foto: Fotografia) -> Lista[QuerySet[Any]]:
    """The empresas of the photograph. What is asked of a state is looked up there, not in the database."""
    visiveis = Empresa.objects.visiveis(usuario).filter(ativa=True)
    base = das_empresas(visiveis, contexto.empresa)
    if foto.fora:
        base = base.exclude(_uma_de(foto.fora))
    leitura = visiveis.select_related("carteira")
    lista = Lista(
        params=params,
        base=base,
        ordens={
            "situacao": ["posicao", "ordem"],
            "codigo": ["codigo_ordem"],
            "empresa": ["ordem"],
            **{nome: ["posicao", "ordem"] for nome in NOMES},
        },
        ordem_padrao="situacao",
        procurar=lambda consulta, texto: consulta.procurar(texto),  # type: ignore[attr-defined]
        filtros=_filtros(usuario, foto),
        leitura=leitura,
        contar=lambda pedida: _contar(pedida, foto),
    )
    ordem = lista.ordem.removeprefix("-")
    if ordem in (*NOMES, "situacao"):
        posicao = _posicao(ordem, foto)
        lista.base, lista.leitura = base.alias(posicao=posicao), leitura.alias(posicao=posicao)
    return lista


def _filtros(usuario: Usuario, foto: Fotografia) -> list[Filtro]:
    opcoes = {
        "estado": ("No todo", do_todo(usuario)),
        "regime": ("Regime", REGIMES),
        **{
            nome: (obrigacao.rotulo, [(valor, estado.rotulo) for valor, estado in obrigacao.estados.items()])
            for nome, obrigacao in OBRIGACOES.items()
        },
    }

    def filtro(nome: str) -> Filtro:
        def aplicar(consulta: QuerySet[Any], valor: str) -> QuerySet[Any]:
            return consulta.filter(_uma_de(foto.com(lambda combo: _serve(nome, valor, combo))))

        return Filtro(nome, opcoes[nome][0], aplicar, opcoes[nome][1])

    return [filtro("estado"), filtro_de_carteira(usuario), *(filtro(nome) for nome in ("regime", *NOMES))]


def do_todo(usuario: Usuario) -> list[tuple[str, str]]:
    precisam = "Precisam de você" if usuario.opera else "Esperam uma pessoa"
    return [(PRECISA, precisam), (A_FAZER, "Com algo a fazer"), (PRONTO, "Com tudo feito")]


def _contar(lista: Lista[Any], foto: Fotografia) -> int | None:
    """Unless a carteira or a search is asked for, the photograph knows how many there are."""
    if lista.busca or "carteira" in lista.valores:
        return None
    return foto.quantas(lambda combo: all(_serve(nome, valor, combo) for nome, valor in lista.valores.items()))


def _uma_de(pks: Iterable[int]) -> UmaDe:
    return UmaDe(F("pk"), lista_de_ids(pks), output_field=BooleanField())


def _posicao(ordem: str, foto: Fotografia) -> Case | F:
    """What asks most of a person first: by the obligation, or by the one of each empresa that asks most."""

    @cache
    def grau(combo: Combo) -> Grau:
        return min(graus(combo)) if ordem == "situacao" else estado_de(ordem, combo[1 + NOMES.index(ordem)]).grau

    por_grau: dict[Grau, list[int]] = {}
    for pk, combo in foto.todas():
        por_grau.setdefault(grau(combo), []).append(pk)
    # The largest group is what is left: it is not sent.
    resto = max(por_grau, key=lambda quanto: len(por_grau[quanto]), default=Grau.NADA)
    outros = [(quanto, pks) for quanto, pks in por_grau.items() if quanto is not resto]
    if not outros:
        return F("ordem")
    return Case(*(When(_uma_de(pks), then=Value(quanto)) for quanto, pks in outros), default=Value(resto))


# -- export ----------------------------------------------------------------------------------------------------------

CABECALHO = ("Código", "CNPJ ou CPF", "Empresa", "Carteira", "Regime", *(o.rotulo for o in OBRIGACOES.values()))


def linhas_exportadas(empresas: QuerySet[Any], foto: Fotografia) -> Iterator[tuple[Celula, ...]]:
    """Rows under CABECALHO, streamed: each state in words."""
    colunas = empresas.values_list("pk", "codigo", "documento", "razao_social", "carteira__nome")
    for pk, codigo, documento, razao, carteira in colunas.iterator(chunk_size=2000):
        combo = foto.de(pk)
        if combo is not None:
            estados = (estado_de(nome, valor).rotulo for nome, valor in zip(NOMES, combo[1:], strict=True))
            yield codigo, mascarar(documento), razao, carteira or "", nome_do_regime(combo), *estados


def nome_do_regime(combo: Combo) -> str:
    return str(_NOME_DO_REGIME[combo[0]])
