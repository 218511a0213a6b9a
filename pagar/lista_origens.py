"""Documents that are to be paid, with or without their titles: guias, and notes of services taken."""

from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Sum
from django.http import QueryDict

from comum.contagens import enquanto_nada_muda
from comum.listas import Filtro, Lista
from comum.models import Usuario
from empresas.contexto import Contexto
from empresas.listas import filtro_de_carteira
from empresas.models import Empresa
from guias.models import Guia
from nfse.models import NotaRecebida
from pagar.models import Fornecedor, Titulo
from pagar.services.geracao import guias_com_tudo, notas_com_tudo

FALTA, FEITO = "falta", "feito"
_ROTULO = "Título"
_TODOS = Q()
_OPCOES = [(FALTA, "A gerar"), (FEITO, "Já gerado")]


def _da_guia() -> Exists:
    """One title pays all the copies of a guia."""
    return Exists(Titulo.objects.vivos().filter(guia__divida=OuterRef("divida")))


def _da_nota() -> Exists:
    return Exists(Titulo.objects.vivos().filter(nota=OuterRef("pk")))


def lista_de_guias(params: QueryDict, usuario: Usuario, contexto: Contexto) -> Lista[Any]:
    visiveis = Guia.objects.visiveis(usuario)
    do_mes = _do_contexto(visiveis.que_contam(), contexto)
    return Lista(
        params=params,
        base=do_mes,
        ordens={
            "empresa": ["empresa__ordem", "pk"],
            "vencimento": ["limite", "empresa__ordem", "pk"],
            "valor": ["total", "pk"],
        },
        ordem_padrao="empresa",
        procurar=lambda consulta, texto: consulta.filter(
            Q(empresa__in=Empresa.objects.visiveis(usuario).procurar(texto)) | Q(numero__contains=_so_numeros(texto))
        ),
        filtros=[_filtro(_da_guia()), *_por_carteira(usuario, contexto)],
        leitura=guias_com_tudo(visiveis),
    )


def lista_de_notas(params: QueryDict, usuario: Usuario, contexto: Contexto) -> Lista[Any]:
    visiveis = NotaRecebida.objects.visiveis(usuario)
    do_mes = _do_contexto(visiveis, contexto).exclude(situacao=NotaRecebida.Situacao.CANCELADA)
    return Lista(
        params=params,
        base=do_mes,
        ordens={
            "prestador": ["ordem", "pk"],
            "emissao": ["emissao", "pk"],
            "valor": ["valor_servicos", "pk"],
            "empresa": ["empresa__ordem", "pk"],
        },
        ordem_padrao="prestador",
        procurar=lambda consulta, texto: consulta.procurar(texto),
        filtros=[
            _filtro(_da_nota(), Q(ilegivel=False)),
            Filtro(
                "retencao",
                "Retenção",
                lambda consulta, valor: consulta.com_retencao(),
                [("com", "Com retenção")],
            ),
            Filtro(
                "prestador",
                "Prestador",
                lambda consulta, valor: (
                    consulta.filter(prestador__in=_conhecidos())
                    if valor == "conhecido"
                    else consulta.exclude(prestador__in=_conhecidos())
                ),
                [("conhecido", "Em Fornecedores"), ("falta", "Falta em Fornecedores")],
            ),
            *_por_carteira(usuario, contexto),
        ],
        leitura=notas_com_tudo(visiveis),
    )


def _conhecidos() -> QuerySet[Any]:
    return Fornecedor.objects.filter(ativo=True).exclude(documento="").values("documento")


def _do_contexto(consulta: Any, contexto: Contexto) -> Any:
    do_mes = consulta.filter(competencia=contexto.competencia)
    return do_mes if contexto.empresa is None else do_mes.filter(empresa=contexto.empresa)


def _filtro(tem: Exists, gera: Q = _TODOS) -> Filtro:
    """What is not `gera` can have no title made of it, so that it waits for none."""
    return Filtro(
        "titulo",
        _ROTULO,
        lambda consulta, valor: consulta.filter(tem) if valor == FEITO else consulta.filter(~tem, gera),
        _OPCOES,
    )


def _por_carteira(usuario: Usuario, contexto: Contexto) -> list[Filtro]:
    return [] if contexto.empresa else [filtro_de_carteira(usuario, "empresa__carteira")]


def _so_numeros(texto: str) -> str:
    """Of what was searched, as a guia's number has it; nothing that no number contains."""
    numeros = "".join(letra for letra in texto if letra.isdecimal())
    return numeros if len(numeros) >= 4 else "-"


def quadro_das_guias(consulta: QuerySet[Any], competencia: date) -> tuple[int, Decimal, int]:
    return _quadro(consulta, _da_guia(), "total", f"guias a pagar {competencia}")


def quadro_das_notas(consulta: QuerySet[Any], competencia: date) -> tuple[int, Decimal, int]:
    return _quadro(consulta.filter(ilegivel=False), _da_nota(), "valor_servicos", f"notas a pagar {competencia}")


def _quadro(consulta: QuerySet[Any], tem: Exists, valor: str, nome: str) -> tuple[int, Decimal, int]:
    """How many are without title, what they sum up to in reais, how many have it. Kept while nothing is written."""
    anotada = consulta.order_by().annotate(tem=tem)

    def contar() -> tuple[int, Decimal, int]:
        achado = anotada.aggregate(
            faltam=Count("pk", filter=Q(tem=False)),
            soma=Sum(valor, filter=Q(tem=False)),
            feitos=Count("pk", filter=Q(tem=True)),
        )
        return achado["faltam"], achado["soma"] or Decimal(0), achado["feitos"]

    return enquanto_nada_muda(anotada, nome, contar)
