"""DAS that pay no declaration: of a debt in collection, of a process, of tributes chosen one by one."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from itertools import count

from django.db.models import Count, IntegerChoices, Max

from comum.documentos import ORGAO_SIMPLES, Invalido, Motivo, linha_digitavel
from credentials.models import Servico
from empresas.models import Empresa
from guias.calculo.tributos import Tributo
from guias.models import Guia
from guias.providers.interface import DasEmitido, TributoAvulso
from guias.providers.pgdasd import GERARDASAVULSO19, GERARDASCOBRANCA17, GERARDASPROCESSO18
from guias.services import guia_em_pdf
from guias.services.acesso import Acessos, Codigo, Fora
from guias.services.acoes import DEFINICOES, Definicao
from guias.services.das import consolidacao_das, prazo_das
from guias.services.intencoes import Item
from guias.services.pedidos import Pedido
from operacoes.models import ABERTAS, Classe
from operacoes.motor import NovaOperacao

COBRANCA, PROCESSO, AVULSO = "das_cobranca", "das_processo", "das_avulso"
TIPO_COBRANCA, TIPO_PROCESSO, TIPO_AVULSO = "guias.das.cobranca", "guias.das.processo", "guias.das.avulso"
TIPOS = (TIPO_COBRANCA, TIPO_PROCESSO, TIPO_AVULSO)
_DAS_GUIAS = (Guia.Tipo.DAS_COBRANCA, Guia.Tipo.DAS_PROCESSO, Guia.Tipo.DAS_AVULSO)


class Prorrogacao(IntegerChoices):
    """The special extensions of the due date in the pandemic: of which months, and for 2020 of which tributes."""

    PRIMEIRA_QUOTA = 1, "1ª quota, de 03 a 05/2021"
    SEGUNDA_QUOTA = 2, "2ª quota, de 03 a 05/2021"
    FEDERAIS = 3, "Tributos federais, de 03 a 05/2020"
    REGIONAIS = 4, "ICMS e ISS, de 03 a 05/2020"

    def vale_em(self, periodo: date) -> bool:
        ano = 2020 if self in (Prorrogacao.FEDERAIS, Prorrogacao.REGIONAIS) else 2021
        return periodo.year == ano and 3 <= periodo.month <= 5

    def alcanca(self, tributo: str) -> bool:
        """Whether it is of a tribute, by its code."""
        regional = tributo in (Tributo.ICMS.codigo, Tributo.ISS.codigo)
        return not ((self == Prorrogacao.FEDERAIS and regional) or (self == Prorrogacao.REGIONAIS and not regional))


class ContextoDeDividas(Acessos):
    """With the last copy and whether any is paid, of each dívida of these empresas."""

    def __init__(self, empresas: Sequence[Empresa], competencia: date, tipos: Iterable[str] = ()) -> None:
        super().__init__(empresas, competencia, tipos)
        suas = Guia.objects.filter(empresa__in=[empresa.pk for empresa in empresas], tipo__in=_DAS_GUIAS).order_by()
        lidas = suas.values_list("empresa", "divida").annotate(via=Max("via"), pagas=Count("paga_em"))
        self.vias: dict[int, dict[str, tuple[int, bool]]] = defaultdict(dict)
        for empresa, divida, via, pagas in lidas:
            self.vias[empresa][divida] = (via, pagas > 0)
        self._prazo = prazo_das(competencia)

    @property
    def prazo(self) -> date:
        return self._prazo


def tributos_de(texto: str) -> tuple[TributoAvulso, ...]:
    """From the text in which a screen carries them: "1001=30.50;1010=20.00,7107,SP"."""
    lidos = []
    for parte in filter(None, texto.split(";")):
        codigo, _, resto = parte.partition("=")
        valor, municipio, uf = (*resto.split(","), "", "")[:3]
        lidos.append(TributoAvulso(codigo, Decimal(valor), municipio, uf))
    return tuple(lidos)


def tributos_em_texto(tributos: Sequence[TributoAvulso]) -> str:
    """The opposite of tributos_de, in the order of their codes."""
    return ";".join(
        f"{t.codigo}=" + ",".join(filter(None, (str(t.valor), t.municipio_tom, t.uf)))
        for t in sorted(tributos, key=lambda tributo: tributo.codigo)
    )


def de_cobranca(item: Item) -> NovaOperacao | Fora:
    return _nova(item, TIPO_COBRANCA, f"cobranca:{item.empresa.pk}:{item.contexto.competencia:%Y%m}", {})


def de_processo(item: Item) -> NovaOperacao | Fora:
    processo = item.parametros["processo"]
    nova = _nova(item, TIPO_PROCESSO, f"processo:{processo}", {"processo": processo})
    # The debts of a process are of several months: it has no due date of its own.
    return replace(nova, prazo=date.max) if isinstance(nova, NovaOperacao) else nova


def avulso(item: Item) -> NovaOperacao | Fora:
    tributos = tributos_de(item.parametros["tributos"])
    codigos = "+".join(sorted(tributo.codigo for tributo in tributos))
    prorrogacao = item.parametros.get("prorrogacao") or ""
    divida = f"avulso:{item.empresa.pk}:{item.contexto.competencia:%Y%m}:{codigos}"
    if prorrogacao:
        divida += f":prorrogado{prorrogacao}"  # each quota is a debt of its own
    competencia = item.contexto.competencia
    pedida = item.parametros.get("pagamento") or ""
    dia = date.fromisoformat(pedida) if pedida else consolidacao_das(prazo_das(competencia), item.contexto.dia_de_pagar)
    return _nova(
        item,
        TIPO_AVULSO,
        divida,
        {
            "tributos": item.parametros["tributos"],
            "consolidacao": dia.isoformat() if dia else None,
            "prorrogacao": int(prorrogacao) if prorrogacao else None,
        },
    )


def _nova(item: Item, tipo: str, divida: str, extra: Pedido) -> NovaOperacao | Fora:
    contexto, empresa = item.contexto, item.empresa
    assert isinstance(contexto, ContextoDeDividas)  # noqa: S101 - the Definicao reads it
    if len(empresa.documento) != 14:
        return item.fora(Codigo.REGIME, "O DAS é só para CNPJ, e esta empresa está cadastrada por CPF.")
    prefixo = f"{tipo.removeprefix('guias.')}:{divida}:via"
    if any(chave.startswith(prefixo) and situacao in ABERTAS for _, chave, situacao in contexto.operacoes[empresa.pk]):
        return item.fora(Codigo.ANDAMENTO, "Este DAS já está sendo emitido. Espere que termine.")
    via, paga = contexto.vias[empresa.pk].get(divida, (0, False))
    if paga and not item.via_nova:
        motivo = "A Receita já informou o pagamento deste DAS. Marque “Emitir outra via” se for mesmo o caso."
        return item.fora(Codigo.PAGA, motivo)
    if via and not item.via_nova:
        motivo = "Este DAS já foi emitido. Marque “Emitir outra via” para pagar outra chamada e emiti-lo de novo."
        return item.fora(Codigo.GUIA_EMITIDA, motivo)
    proxima = next(n for n in count(via + 1) if not contexto.feita(empresa.pk, f"{prefixo}{n}"))
    pedido = {"competencia": contexto.competencia.isoformat(), "divida": divida, "via": proxima}
    return item.nova(tipo, f"{prefixo}{proxima}", pedido | extra)


def da_linha(texto: str, pdf: bytes) -> DasEmitido | Invalido:
    """A DAS read from the linha digitável that a person copied from its PDF. What of it is fine and interest, the line
    does not say."""
    linha = linha_digitavel(texto)
    if isinstance(linha, Invalido):
        return linha
    if linha.orgao != ORGAO_SIMPLES or linha.valor is None or linha.limite is None:
        return Invalido(Motivo.FORMATO, "A linha digitável é de outra guia: a do DAS traz 0328 no segundo bloco.")
    if Guia.objects.filter(numero=linha.documento).exists():
        return Invalido(Motivo.PROIBIDO, f"O DAS {linha.documento} já está guardado.")
    return guia_em_pdf.da_linha(linha, pdf)


def periodo_de(emitida: DasEmitido, competencia: date) -> tuple[date, str]:
    """The month of a guia, and its period in the service's words where it is no month."""
    if len(emitida.periodo) == 6 and emitida.periodo.isdecimal():
        return date(int(emitida.periodo[:4]), int(emitida.periodo[4:]), 1), ""
    return competencia, emitida.periodo[:20]


def _definir(
    acao: str,
    tipo: str,
    o_que: str,
    aviso: str,
    montar: Callable[[Item], NovaOperacao | Fora],
    poderes: frozenset[str],
) -> None:
    DEFINICOES[acao] = Definicao(
        "Emitir",
        o_que,
        o_que,
        tipo,
        Servico.DAS,
        Classe.EMISSAO,
        aviso,
        montar,
        poderes=poderes,
        contexto=ContextoDeDividas,
        tipos=TIPOS,
        divida=lambda nova: nova.pedido["divida"],
    )


_CADA_UM = "Cada DAS emitido é cobrado, também quando é emitido de novo."
_definir(
    COBRANCA,
    TIPO_COBRANCA,
    "DAS de cobrança",
    f"Um só DAS com o débito do período que a Receita tem em cobrança. {_CADA_UM}",
    de_cobranca,
    GERARDASCOBRANCA17.poderes,
)
_definir(
    PROCESSO,
    TIPO_PROCESSO,
    "DAS de processo",
    f"Um só DAS com o débito do processo, que pode ser de vários períodos. {_CADA_UM}",
    de_processo,
    GERARDASPROCESSO18.poderes,
)
_definir(
    AVULSO,
    TIPO_AVULSO,
    "DAS avulso",
    f"O valor é o informado aqui, e não o de uma declaração. {_CADA_UM}",
    avulso,
    GERARDASAVULSO19.poderes,
)
