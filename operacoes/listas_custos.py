"""What the pages of costs look at: a conta, one billing period of it, and the filters over its calls."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from functools import cached_property
from typing import Any
from urllib.parse import urlencode

from django.core.paginator import Page, Paginator
from django.http import QueryDict
from django.utils import timezone

from comum.listas import Filtro, Lista
from comum.models import Usuario
from empresas.listas import filtro_de_carteira
from empresas.models import Empresa
from operacoes.custos.extrato import DaEmpresa, do_periodo, primeiro_periodo
from operacoes.custos.precos import COBRADAS, periodo
from operacoes.custos.tarifa import Tarifa
from operacoes.handlers import handler_de, todos
from operacoes.models import AcessoCobrado, Classe, Tentativa, TentativaQuerySet

# What a list of calls may hold: filter value, words.
O_QUE = (
    ("", "Chamadas cobradas"),
    ("trabalho", "Sem as conferências"),
    ("conferencias", "Conferências de dúvidas"),
    ("incertas", "Cobrança incerta (504)"),
    ("talvez", "Sem resposta, talvez cobradas"),
)
DO_RECORTE = ("conta", "inicio", "acesso", "carteira", "tipo")


@dataclass(frozen=True)
class Conta:
    chave: str
    nome: str


class Recorte:
    """The part of the costs that the query string asks for. A hand-made address never fails: what is not known is the
    first conta and the present period; a filter that is not understood finds nothing."""

    def __init__(self, params: QueryDict, usuario: Usuario) -> None:
        self.params, self.usuario = params, usuario
        self.acessos = list(AcessoCobrado.objects.order_by("rotulo"))
        self.contas = _contas(self.acessos)
        self.conta = next((c for c in self.contas if c.chave == params.get("conta")), self.contas[0])
        self.hoje = timezone.localdate()
        self.inicio, self.fim = _periodo(params.get("inicio", ""), self.hoje)

    @property
    def em_curso(self) -> bool:
        return self.inicio <= self.hoje <= self.fim

    @property
    def rotulos(self) -> dict[str, str]:
        """The accesses in words."""
        return {acesso.acesso: acesso.rotulo for acesso in self.acessos}

    @property
    def da_conta(self) -> list[AcessoCobrado]:
        return [acesso for acesso in self.acessos if acesso.conta == self.conta.chave]

    @cached_property
    def anterior(self) -> date | None:
        """The first day of the period before; None where nothing was charged in it or earlier."""
        primeiro = primeiro_periodo(self.conta.chave)
        antes = periodo(self.inicio - timedelta(days=1))[0]
        return antes if primeiro is not None and antes >= primeiro else None

    @property
    def seguinte(self) -> date | None:
        depois = self.fim + timedelta(days=1)
        return depois if depois <= self.hoje else None

    @cached_property
    def lista(self) -> Lista[TentativaQuerySet]:
        """The calls looked at, of all times: `chamadas` are those of the period."""
        return Lista(
            params=self.params,
            base=Tentativa.objects.visiveis(self.usuario),
            ordens={"quando": ("iniciada_em",)},
            ordem_padrao="-quando",
            filtros=[
                Filtro("acesso", "Credencial", _igual("acesso"), [(a.acesso, a.rotulo) for a in self.da_conta]),
                filtro_de_carteira(self.usuario, "empresa__carteira"),
                Filtro("tipo", "Serviço", _igual("tipo"), tipos_cobrados()),
            ],
        )

    @property
    def filtrado(self) -> bool:
        """Whether less than the whole conta is looked at."""
        return not self.usuario.administra or bool(self.lista.filtros_ativos)

    @property
    def campos(self) -> list[tuple[str, str]]:
        """What says this part, for links and hidden fields."""
        return [(nome, valor) for nome in DO_RECORTE if (valor := self.params.get(nome, ""))]

    @property
    def querystring(self) -> str:
        return urlencode(self.campos)


def _contas(acessos: Sequence[AcessoCobrado]) -> list[Conta]:
    nomes = {acesso.conta: acesso.nome or acesso.rotulo for acesso in acessos}
    return [Conta(chave, nome) for chave, nome in nomes.items()] or [Conta("", "")]


def _periodo(texto: str, hoje: date) -> tuple[date, date]:
    try:
        pedido = date.fromisoformat(texto)
    except ValueError:
        return periodo(hoje)
    return periodo(min(max(pedido, date(2020, 1, 21)), hoje))


def _igual(campo: str) -> Any:
    return lambda consulta, valor: consulta.filter(**{campo: valor})


def tipos_cobrados() -> list[tuple[str, str]]:
    """(tipo, words) of every kind of call that is charged."""
    cobrados = [(h.tipo, h.rotulo) for h in todos() if h.classe != Classe.GRATIS]
    return sorted(cobrados, key=lambda par: par[1])


# -- calls one by one --------------------------------------------------------------------------------------------------


def _so(consulta: TentativaQuerySet, valor: str) -> TentativaQuerySet:
    conferencia = Tentativa.Especie.CONFERENCIA
    match valor:
        case "trabalho":
            return consulta.cobradas().exclude(especie=conferencia)
        case "conferencias":
            return consulta.cobradas().filter(especie=conferencia)
        case "incertas":
            return consulta.cobradas().filter(incertas__len__gt=0)
        case "talvez":
            return consulta.talvez_cobradas()
        case _:
            return consulta.cobradas()


def lista_de_chamadas(recorte: Recorte) -> Lista[TentativaQuerySet]:
    """The calls behind a number of the page: the same filters, and of which class, kind and empresa."""
    visiveis = Empresa.objects.visiveis(recorte.usuario)
    o_que = recorte.params.get("o_que", "")
    escolhida = o_que if o_que in dict(O_QUE) else ""

    def da_classe(consulta: TentativaQuerySet, valor: str) -> TentativaQuerySet:
        campo = "incertas__contains" if escolhida == "incertas" else "cobrancas__contains"
        return consulta.filter(classe=valor) if escolhida == "talvez" else consulta.filter(**{campo: [valor]})

    def achar(valor: str) -> Empresa | None:
        return visiveis.filter(pk=valor).first() if valor.isdecimal() and len(valor) < 19 else None

    def da_empresa(consulta: TentativaQuerySet, valor: str) -> TentativaQuerySet:
        achada = achar(valor)
        return consulta.none() if achada is None else consulta.filter(empresa=achada)

    def procurar(consulta: TentativaQuerySet, texto: str) -> TentativaQuerySet:
        tag = texto.replace("-", "").lower()
        if len(tag) == 32 and all(letra in "0123456789abcdef" for letra in tag):
            return consulta.filter(pk=tag)
        return consulta.filter(empresa__in=visiveis.procurar(texto))

    base = do_periodo(_so(Tentativa.objects.visiveis(recorte.usuario), escolhida), recorte.conta.chave, recorte.inicio)
    classes = [(classe.value, classe.label) for classe in COBRADAS]
    return Lista(
        params=recorte.params,
        base=base.select_related("empresa", "operacao").defer("enviado", "recebido", "operacao__pedido"),
        ordens={"quando": ("iniciada_em",), "servico": ("tipo", "iniciada_em"), "empresa": ("empresa__ordem",)},
        ordem_padrao="-quando",
        procurar=procurar,
        filtros=[
            *recorte.lista.filtros,
            Filtro("o_que", "Chamadas", lambda consulta, _: consulta, O_QUE[1:]),
            Filtro("classe", "Classe", da_classe, classes),
            Filtro("empresa", "Empresa", da_empresa, rotular=lambda valor: str(achar(valor) or valor)),
        ],
    )


@dataclass(frozen=True)
class Chamada:
    """A row of that list."""

    tentativa: Tentativa
    servico: str
    credencial: str
    classes: str
    valor: Decimal


def chamadas_em_palavras(tentativas: Sequence[Tentativa], recorte: Recorte, tarifa: Tarifa) -> list[Chamada]:
    rotulos = recorte.rotulos
    return [
        Chamada(
            tentativa,
            handler_de(tentativa.tipo).rotulo,
            rotulos.get(tentativa.acesso, tentativa.acesso),
            ", ".join(str(Classe(classe).label) for classe in _classes(tentativa)),
            sum((tarifa.preco(c, tentativa.fase) for c in _classes(tentativa)), Decimal(0)),  # type: ignore[attr-defined]
        )
        for tentativa in tentativas
    ]


def _classes(tentativa: Tentativa) -> list[str]:
    return list(tentativa.cobrancas) if tentativa.cobrada else [tentativa.classe]


# -- by empresa --------------------------------------------------------------------------------------------------------

_ORDENS = {"valor": lambda linha: linha.valor, "chamadas": lambda linha: linha.total}


class ListaDeEmpresas(Lista[Any]):
    """The empresas of a period with their calls, which are few enough to be put in order here (one row an empresa)."""

    def __init__(self, params: QueryDict, usuario: Usuario, linhas: list[DaEmpresa]) -> None:
        super().__init__(
            params=params,
            base=Empresa.objects.visiveis(usuario),
            ordens=dict.fromkeys(_ORDENS, ()),
            ordem_padrao="-valor",
        )
        self._linhas, self._usuario = linhas, usuario

    @cached_property
    def linhas(self) -> list[DaEmpresa]:
        linhas = self._linhas
        if self.busca:
            achadas = Empresa.objects.visiveis(self._usuario).procurar(self.busca)
            quais = set(achadas.order_by().values_list("pk", flat=True))
            linhas = [linha for linha in linhas if linha.empresa in quais]
        chave = _ORDENS[self.ordem.removeprefix("-")]
        return sorted(linhas, key=chave, reverse=self.ordem.startswith("-"))

    @cached_property
    def total(self) -> int:
        return len(self.linhas)

    @cached_property
    def pagina(self) -> Page[Any]:
        return Paginator(self.linhas, self.tamanho).get_page(self.params.get("pagina"))

    def com_empresas(self, linhas: Sequence[DaEmpresa]) -> list[tuple[Empresa, DaEmpresa]]:
        empresas = self.base.in_bulk([linha.empresa for linha in linhas])
        return [(empresas[linha.empresa], linha) for linha in linhas if linha.empresa in empresas]
