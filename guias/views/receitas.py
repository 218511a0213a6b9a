"""The sheet of the month's revenue: one row per establishment, one column per activity."""

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from django.contrib import messages
from django.db.models import Case, Q, QuerySet, When
from django.db.models.functions import Coalesce
from django.http import HttpRequest, HttpResponse, QueryDict
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render

from comum.documentos import Invalido
from comum.formatos import contar, format_competencia, format_numero, parse_dinheiro
from comum.listas import Filtro, Lista
from comum.permissoes import opera, usuario_de
from empresas.calendario import somar_meses
from empresas.models import Empresa, Municipio
from guias.calculo.atividades import ATIVIDADES, NOMES_CURTOS
from guias.models import COM_OUTRO_MUNICIPIO, COM_TRATAMENTO, Apuracao, Receita, Tratamento
from guias.services import quadro
from guias.services.receitas import Coluna, Digitado, Estado, estados, gravar
from guias.views.base import contexto_fiscal

MAXIMO_DE_COLUNAS = 12


@dataclass
class Celula:
    nome: str
    valor: str
    rotulo: str
    erro: str = ""


@dataclass
class Linha:
    """One establishment as drawn: its cells, payroll and "sem movimento" (matriz only), and why it is locked."""

    empresa: Empresa
    estado: Estado
    celulas: list[Celula]
    folha: Celula | None
    sem_movimento: bool
    erro: str = ""

    @property
    def eh_filial(self) -> bool:
        return self.empresa.matriz_id is not None


@dataclass
class ColunaNaTela:
    coluna: Coluna
    nome: str
    municipio: Municipio | None = None

    @property
    def chave(self) -> str:
        return self.coluna.chave

    @property
    def curta(self) -> str:
        return NOMES_CURTOS[self.coluna.atividade]

    @property
    def curto(self) -> str:
        tratamento = Tratamento(self.coluna.tratamento).label if self.coluna.tratamento else ""
        return " · ".join(filter(None, [tratamento, str(self.municipio or "")]))


@dataclass
class Folha:
    """The sheet: columns, rows of the page, and what was wrong with what was typed."""

    colunas: list[ColunaNaTela]
    linhas: list[Linha] = field(default_factory=list)

    @property
    def erros(self) -> list[tuple[str, str, str]]:
        """(whose, what, id of the cell)."""
        achados = []
        for linha in self.linhas:
            if linha.erro:
                achados.append((str(linha.empresa), linha.erro, f"linha-{linha.empresa.pk}"))
            achados += [
                (f"{linha.empresa}, {celula.rotulo}", celula.erro, celula.nome)
                for celula in [*linha.celulas, *([linha.folha] if linha.folha else [])]
                if celula.erro
            ]
        return achados


def _lista(request: HttpRequest, params: QueryDict, competencia: date) -> Lista[QuerySet[Empresa]]:
    usuario = usuario_de(request)
    contexto, _ = contexto_fiscal(request)
    matrizes = quadro.da_empresa(quadro.do_simples(usuario, competencia), contexto.empresa)
    visiveis = Empresa.objects.visiveis(usuario).filter(ativa=True)
    estabelecimentos = visiveis.filter(Q(pk__in=matrizes.values("pk")) | Q(matriz__in=matrizes.values("pk"))).annotate(
        ordem_da_matriz=Coalesce("matriz__ordem", "ordem"),
        grupo=Coalesce("matriz_id", "pk"),
        filial=Case(When(matriz=None, then=0), default=1),
    )
    receitas = Receita.objects.filter(competencia=competencia).values("empresa")
    paradas = Apuracao.objects.filter(competencia=competencia, sem_movimento=True).values("empresa")
    informadas = Q(pk__in=receitas) | Q(grupo__in=paradas)
    return Lista(
        params=params,
        base=estabelecimentos,
        ordens={
            "empresa": ["ordem_da_matriz", "grupo", "filial", "documento"],
            "codigo": ["codigo_ordem"],
        },
        ordem_padrao="empresa",
        procurar=lambda consulta, texto: consulta.procurar(texto),  # type: ignore[attr-defined]
        filtros=[
            Filtro(
                "falta",
                "Receita",
                lambda consulta, valor: consulta.exclude(informadas) if valor == "sim" else consulta.filter(informadas),
                [("sim", "Falta informar"), ("nao", "Já informada")],
            )
        ],
        fixos=["colunas"],
    )


def _colunas(request: HttpRequest, pagina: list[Empresa], competencia: date) -> list[ColunaNaTela]:
    """What the URL asks for, or what these establishments used this month and the one before."""
    pedidas = [c for chave in request.GET.get("colunas", "").split(",") if (c := Coluna.ler(chave)) is not None]
    if nova := _coluna_nova(request.GET):
        pedidas.append(nova)
    usadas = {
        Coluna.de(receita)
        for receita in Receita.objects.filter(
            empresa__in=pagina, competencia__in=(competencia, somar_meses(competencia, -1))
        )
    }
    tira = Coluna.ler(request.GET.get("tirar", ""))
    escolhidas = pedidas if request.GET.get("colunas") is not None else sorted(usadas) or [Coluna(1), Coluna(13)]
    unicas = list(dict.fromkeys(c for c in [*escolhidas, *pedidas] if c != tira))[:MAXIMO_DE_COLUNAS]
    municipios = Municipio.objects.in_bulk([c.municipio for c in unicas if c.municipio])
    return [
        ColunaNaTela(c, ATIVIDADES[c.atividade].nome, municipios.get(c.municipio))
        for c in unicas
        if not c.municipio or c.municipio in municipios
    ]


def _coluna_nova(params: QueryDict) -> Coluna | None:
    """From the "add a column" form: the activity with the treatment or the município it needs."""
    atividade = params.get("nova", "")
    partes = [atividade]
    if atividade.isdecimal() and int(atividade) in COM_TRATAMENTO:
        partes.append(params.get("tratamento") or Tratamento.ST)
    if atividade.isdecimal() and int(atividade) in COM_OUTRO_MUNICIPIO:
        partes.append(params.get("municipio", ""))
    return Coluna.ler(".".join(partes))


def _texto(valor: Decimal | None) -> str:
    return "" if valor is None else format_numero(valor, 2)


def _montar(colunas: list[ColunaNaTela], pagina: list[Empresa], competencia: date) -> Folha:
    atuais = estados(pagina, competencia)
    folha = Folha(colunas)
    for empresa in pagina:
        estado = atuais[empresa.pk]
        folha.linhas.append(
            Linha(
                empresa,
                estado,
                [
                    Celula(
                        f"v-{empresa.pk}-{c.chave}",
                        _texto(estado.valores.get(c.coluna)),
                        f"atividade {c.coluna.atividade} ({c.curta})",
                    )
                    for c in colunas
                ],
                None if empresa.matriz_id else Celula(f"f-{empresa.pk}", _texto(estado.folha), "folha"),
                estado.sem_movimento,
            )
        )
    return folha


def _ler(folha: Folha, dados: QueryDict) -> list[Digitado]:
    """Read the form into what was typed, leaving the text and its errors on the cells."""
    digitados = []
    for linha in folha.linhas:
        if linha.estado.trava:
            continue
        digitado = Digitado(linha.empresa, base=dados.get(f"b-{linha.empresa.pk}"))
        for coluna, celula in zip(folha.colunas, linha.celulas, strict=True):
            valor = _ler_celula(celula, dados)
            if valor is not None:
                digitado.valores[coluna.coluna] = valor
        if linha.folha is not None:
            valor = _ler_celula(linha.folha, dados)
            if valor is not None and (valor or linha.estado.folha is not None or linha.folha.valor):
                digitado.folha = valor
            linha.sem_movimento = dados.get(f"s-{linha.empresa.pk}") == "1"
            digitado.sem_movimento = linha.sem_movimento
        digitados.append(digitado)
    return digitados


def _ler_celula(celula: Celula, dados: QueryDict) -> Decimal | None:
    """The amount typed, zero for an emptied cell, None when the cell was not sent or cannot be read."""
    texto = dados.get(celula.nome)
    if texto is None:
        return None
    celula.valor = texto.strip()
    if not celula.valor:
        return Decimal(0)
    lido = parse_dinheiro(celula.valor)
    if isinstance(lido, Invalido):
        celula.erro = lido.mensagem
        return None
    return lido


def grade(request: HttpRequest) -> HttpResponseBase:
    """GET draws the page of the sheet; POST writes it, all or nothing."""
    _, competencia = contexto_fiscal(request)
    lista = _lista(request, request.GET, competencia)
    # What was typed is for the rows that were drawn, wherever the list stands now.
    pagina = list(
        lista.base.filter(pk__in=_inteiros(request.POST.getlist("e"))).order_by(*lista.ordens["empresa"])
        if request.method == "POST"
        else lista.pagina
    )
    folha = _montar(_colunas(request, pagina, competencia), pagina, competencia)
    if request.method == "POST":
        return _gravar(request, lista, folha, competencia)
    return _desenhar(request, lista, folha, competencia)


def _inteiros(textos: list[str]) -> list[int]:
    return [int(texto) for texto in textos if texto.isdecimal() and len(texto) < 19]


@opera
def _gravar(request: HttpRequest, lista: Lista[Any], folha: Folha, competencia: date) -> HttpResponse:
    digitados = _ler(folha, request.POST)
    if folha.erros:
        return _desenhar(request, lista, folha, competencia, status=422)
    mudadas, impedimentos = gravar(digitados, competencia, usuario_de(request))
    if impedimentos:
        por_empresa = {item.empresa_id: item.mensagem for item in impedimentos}
        atuais = estados([linha.empresa for linha in folha.linhas], competencia)
        for linha in folha.linhas:
            linha.erro = por_empresa.get(linha.empresa.pk, "")
            linha.estado = atuais[linha.empresa.pk]
        return _desenhar(request, lista, folha, competencia, status=422)
    mes = format_competencia(competencia)
    if mudadas:
        messages.success(
            request, f"Receitas de {mes} gravadas: {contar(mudadas, 'estabelecimento', 'estabelecimentos')}."
        )
    else:
        messages.info(request, "Nada a gravar: nenhum valor mudou.")
    return redirect(request.get_full_path())


def _desenhar(
    request: HttpRequest, lista: Lista[Any], folha: Folha, competencia: date, *, status: int = 200
) -> HttpResponse:
    return render(
        request,
        "guias/receitas.html" + ("#tabela" if request.htmx else ""),  # type: ignore[attr-defined]
        {
            "lista": lista,
            "folha": folha,
            "competencia": competencia,
            "colunas_da_url": ",".join(c.chave for c in folha.colunas),
            "atividades": [a for _, a in sorted(ATIVIDADES.items())],
            "tratamentos": [(v, r) for v, r in Tratamento.choices if v],
            "cheia": len(folha.colunas) >= MAXIMO_DE_COLUNAS,
        },
        status=status,
    )
