"""What is asked of the Receita about a MEI: the intents of each action, and why an empresa stays out of one."""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from functools import cached_property

from django.utils import timezone

from comum.documentos import ORGAO_SIMPLES, Invalido, Motivo, linha_digitavel
from comum.formatos import format_competencia, format_data
from credentials.models import Servico
from empresas.models import Empresa, Regime, RegimeEmpresa
from guias.models import Consulta, Guia
from guias.providers.interface import DasEmitido
from guias.services import guia_em_pdf
from guias.services.acesso import Acessos, Codigo, Fora
from guias.services.acoes import DEFINICOES, Definicao
from guias.services.das import consolidacao_das, prazo_das
from guias.services.intencoes import Item, meses_de_cada
from guias.services.pedidos import Pedido
from operacoes.models import ABERTAS, Classe, Operacao
from operacoes.motor import NovaOperacao

DAS, BARRAS, BENEFICIO, DIVIDA = "guias.mei.das", "guias.mei.barras", "guias.mei.beneficio", "guias.mei.divida_ativa"
CERTIFICADO, DADOS, SITUACAO_CPF = "guias.ccmei.emitir", "guias.ccmei.dados", "guias.ccmei.situacao"
TIPOS_DO_DAS = (DAS, BARRAS)
JA_PAGO, INSCRITO = "23018", "13011"
MESES_NO_MAXIMO = 60  # five years, after which a month is out of time (CTN, art. 174)


def divida(empresa: int, mes: date) -> str:
    """The name of what a DAS-MEI pays."""
    return f"mei:{empresa}:{mes:%Y%m}"


def chave_do_das(empresa: int, mes: date, via: int) -> str:
    """One for both ways to draw it: two copies asked for at once would be two slips of one month."""
    return f"mei.das:{empresa}:{mes:%Y%m}:via{via}"


def meses_de(texto: str, padrao: date) -> list[date]:
    """ "202608,202609" as competências in order; `padrao` alone when there is none."""
    lidos = {date(int(m[:4]), int(m[4:]), 1) for m in re.findall(r"\b(2\d{3}(?:0[1-9]|1[0-2]))\b", texto)}
    return sorted(lidos) or [padrao]


def em_texto(meses: Iterable[date]) -> str:
    return ",".join(f"{mes:%Y%m}" for mes in meses)


class ContextoMei(Acessos):
    """With the regimes, the DAS-MEI drawn, and the Operacoes of `tipos` that are of any month and left no guia."""

    def __init__(self, empresas: Sequence[Empresa], competencia: date, tipos: Iterable[str] = ()) -> None:
        super().__init__(empresas, competencia)
        pks = [empresa.pk for empresa in empresas]
        self.regimes: dict[int, list[tuple[date, str]]] = defaultdict(list)
        for empresa, desde, regime in RegimeEmpresa.objects.filter(empresa__in=pks).values_list(
            "empresa", "desde", "regime"
        ):
            self.regimes[empresa].append((desde, regime))
        self.guias: dict[str, Guia] = {}  # the last copy of each dívida
        self.pagas: dict[str, date] = {}  # of those of which any copy was paid, when
        vistas = Guia.objects.filter(empresa__in=pks, tipo=Guia.Tipo.DAS_MEI).order_by("pk")
        for guia in vistas.only(
            "divida", "via", "vencimento", "limite", "paga_em", "numero", "emitida_em", "principal", "multa", "juros",
            "composicao",
        ):  # fmt: skip
            self.guias[guia.divida] = guia
            if guia.paga_em:
                self.pagas[guia.divida] = guia.paga_em
        self.ditas: dict[tuple[int, date | None], Operacao] = {}
        sem_guia = Operacao.objects.filter(empresa__in=pks, tipo__in=list(tipos), guia__isnull=True)
        for operacao in sem_guia.order_by("pk").only(
            "empresa", "tipo", "chave", "situacao", "competencia", "grupo", "encerrada_em"
        ):
            self.operacoes[operacao.empresa_id or 0].append((operacao.tipo, operacao.chave, operacao.situacao))
            self.por_chave[operacao.chave] = operacao.pk
            self.ditas[operacao.empresa_id or 0, operacao.competencia] = operacao
        self._prazos: dict[date, date] = {}

    def era_mei(self, empresa: int, mes: date) -> bool:
        antes = [(desde, regime) for desde, regime in self.regimes[empresa] if desde <= mes]
        return bool(antes) and max(antes)[1] == Regime.MEI

    def prazo_de(self, mes: date) -> date:
        if mes not in self._prazos:
            self._prazos[mes] = prazo_das(mes)
        return self._prazos[mes]

    @cached_property
    def beneficios(self) -> dict[tuple[int, str], dict[str, bool]]:
        """What the Receita last answered of the months with a benefit: (empresa, year) -> AAAAMM -> marked."""
        lidas = Consulta.objects.filter(empresa__in=self._empresas, servico="PGMEI/ATUBENEFICIO23").order_by("pk")
        return {
            (consulta.empresa_id, consulta.chave): {
                mes: bool(dito["marcado"]) for mes, dito in consulta.resposta["meses"].items()
            }
            for consulta in lidas
        }

    @cached_property
    def _dividas_do_ano(self) -> dict[tuple[int, str], Consulta]:
        """What the Receita last answered of the months in active debt, by empresa and year."""
        lidas = Consulta.objects.filter(empresa__in=self._empresas, servico="PGMEI/DIVIDAATIVA24").order_by("pk")
        return {(consulta.empresa_id, consulta.chave): consulta for consulta in lidas}

    def inscrito_em(self, empresa: int, mes: date) -> date | None:
        """The day on which the Receita said that the month is in active debt; None where what it did last (refuse the
        DAS-MEI, draw it, tell the debts of the year) says otherwise."""
        recusa, lida = self.ditas.get((empresa, mes)), self._dividas_do_ano.get((empresa, str(mes.year)))
        guia = self.guias.get(divida(empresa, mes))
        ditos: list[tuple[datetime, bool]] = [(guia.emitida_em, False)] if guia is not None else []
        if recusa is not None and recusa.encerrada_em and INSCRITO in recusa.grupo:
            ditos.append((recusa.encerrada_em, True))
        if lida is not None:
            ditos.append((lida.consultada_em, f"{mes:%Y%m}" in lida.resposta["meses"]))
        quando, inscrito = max(ditos, default=(None, False))
        return timezone.localdate(quando) if inscrito else None

    @cached_property
    def cpfs(self) -> dict[int, str]:
        """CPF of whom each MEI is, by the last CCMEI; empty where that did not bring it."""
        lidas = Consulta.objects.filter(empresa__in=self._empresas, servico="CCMEI/DADOSCCMEI122").order_by("pk")
        return {consulta.empresa_id: str(consulta.resposta["cpf"]) for consulta in lidas}

    @property
    def _empresas(self) -> list[int]:
        return list(self.regimes)


def _do_mei(item: Item) -> ContextoMei:
    if not isinstance(item.contexto, ContextoMei):
        raise TypeError("this action does not read what is known of the MEI")
    return item.contexto


def emissao(item: Item, tipo: str) -> list[NovaOperacao | Fora]:
    """The DAS-MEI of each month that `parametros["quais"]` names of the empresa, or `parametros["meses"]` of all; else
    of the competência."""
    meses = meses_de_cada(item.parametros.get("quais", "")).get(item.empresa.pk) or meses_de(
        item.parametros.get("meses", ""), item.contexto.competencia
    )
    return [_do_mes(item, tipo, mes) for mes in meses[-MESES_NO_MAXIMO:]]


def _do_mes(item: Item, tipo: str, mes: date) -> NovaOperacao | Fora:
    contexto, empresa, dito = _do_mei(item), item.empresa.pk, format_competencia(mes)
    hoje = contexto.hoje
    if mes > hoje.replace(day=1):
        return item.fora(Codigo.DADOS, f"{dito} ainda não começou. Emita a partir do primeiro dia do mês.")
    if not contexto.era_mei(empresa, mes):
        return item.fora(Codigo.REGIME, f"A empresa não era MEI em {dito}, pelo cadastro. Confira o regime.")
    devida = divida(empresa, mes)
    if paga_em := contexto.pagas.get(devida):
        return item.fora(Codigo.PAGA, f"O DAS-MEI de {dito} foi pago em {format_data(paga_em)}.")
    guia = contexto.guias.get(devida)
    if guia is not None and guia.limite >= hoje and not item.via_nova:
        return item.fora(
            Codigo.GUIA_EMITIDA, f"O DAS-MEI de {dito} já foi emitido, para pagar até {format_data(guia.limite)}."
        )
    anterior = contexto.ditas.get((empresa, mes))
    if anterior is not None and JA_PAGO in anterior.grupo and anterior.encerrada_em and not item.via_nova:
        em = format_data(timezone.localdate(anterior.encerrada_em))
        return item.fora(Codigo.PAGA, f"A Receita disse em {em} que {dito} já está pago. Perguntar de novo custa.")
    if (inscrito_em := contexto.inscrito_em(empresa, mes)) and not item.via_nova:
        return item.fora(
            Codigo.DIVIDA_ATIVA,
            f"A Receita disse em {format_data(inscrito_em)} que {dito} está em dívida ativa: o que está lá não sai em "
            "DAS-MEI, e a recusa também é cobrada. Paga-se a quem cobra (à PGFN, no Regularize). Se já saiu de lá, "
            f"consulte de novo a dívida ativa de {mes.year}; se só uma parte está lá, o resto sai como 2ª via.",
        )
    via = (guia.via if guia else 0) + 1
    while contexto.concluida(empresa, chave_do_das(empresa, mes, via)):
        via += 1  # a slip that an earlier copy had brought already
    chave = chave_do_das(empresa, mes, via)
    if contexto.feita(empresa, chave):
        return item.fora(Codigo.ANDAMENTO, f"O DAS-MEI de {dito} já foi pedido e ainda não chegou. Espere que termine.")
    prazo = contexto.prazo_de(mes)
    pagar_em = _dia(item.parametros.get("pagar_em", ""))
    pedido_a_tempo = pagar_em if pagar_em and pagar_em >= hoje else None
    consolidacao = consolidacao_das(prazo, pedido_a_tempo or contexto.dia_de_pagar)
    pedido: Pedido = {
        "competencia": mes.isoformat(),
        "via": via,
        "consolidacao": consolidacao.isoformat() if consolidacao else None,
    }
    return replace(item.nova(tipo, chave, pedido), competencia=mes, prazo=prazo)


def _dia(texto: str) -> date | None:
    try:
        return date.fromisoformat(texto)
    except ValueError:
        return None


def beneficio(item: Item) -> NovaOperacao | Fora:
    """Mark or unmark (`marcar` "1" or "0") the months of `meses`, all of one year."""
    contexto, empresa = _do_mei(item), item.empresa.pk
    marcar = item.parametros.get("marcar") == "1"
    meses = meses_de(item.parametros.get("meses", ""), item.contexto.competencia)
    ano = meses[0].year
    meses = [mes for mes in meses if mes.year == ano and contexto.era_mei(empresa, mes)]
    if not meses:
        return item.fora(
            Codigo.REGIME, f"A empresa não era MEI nesses meses de {ano}, pelo cadastro. Confira o regime."
        )
    abertas = [t for t, _, situacao in contexto.operacoes[empresa] if t == BENEFICIO and situacao in ABERTAS]
    if abertas:
        return item.fora(
            Codigo.ANDAMENTO, "Outro pedido de benefício da empresa ainda não terminou. Espere que termine."
        )
    sabidos = contexto.beneficios.get((empresa, str(ano)), {})
    mudam = [mes for mes in meses if sabidos.get(f"{mes:%Y%m}") is not marcar]
    if not mudam:
        como = "com" if marcar else "sem"
        return item.fora(Codigo.JA_CONSTA, f"Os meses já constam {como} benefício na Receita.")
    return item.nova(
        BENEFICIO,
        f"mei.beneficio:{empresa}:{ano}:{item.parametros.get('intencao', '')}",
        {
            "competencia": contexto.competencia.isoformat(),
            "ano": ano,
            "meses": {f"{mes:%Y%m}": marcar for mes in mudam},
        },
    )


def divida_ativa(item: Item) -> NovaOperacao | Fora:
    ano = item.parametros.get("ano", "") or str(item.contexto.competencia.year)
    return _uma_por_dia(item, DIVIDA, f"mei.divida_ativa:{item.empresa.pk}:{ano}", ano, {"ano": ano})


def certificado(item: Item) -> NovaOperacao | Fora:
    return _uma_por_dia(item, CERTIFICADO, f"ccmei.emitir:{item.empresa.pk}")


def dados_do_ccmei(item: Item) -> NovaOperacao | Fora:
    return _uma_por_dia(item, DADOS, f"ccmei.dados:{item.empresa.pk}")


def situacao_do_cpf(item: Item) -> NovaOperacao | Fora:
    """The CNPJs of the person behind the MEI: the contribuinte is the CPF that the CCMEI told."""
    cpf = _do_mei(item).cpfs.get(item.empresa.pk)
    if cpf is None:
        return item.fora(Codigo.DADOS, "O CPF do MEI não é conhecido. Consulte antes os dados do CCMEI, que o trazem.")
    if len(cpf) != 11:
        return item.fora(
            Codigo.DADOS,
            "Os dados do CCMEI já foram consultados, e a Receita não disse neles o CPF da pessoa. Ele não se digita no "
            "Guichê: sem ele, os CNPJs da pessoa não podem ser consultados por aqui. Se o cadastro mudar na Receita, "
            "consulte os dados do CCMEI de novo.",
        )
    nova = _uma_por_dia(item, SITUACAO_CPF, f"ccmei.situacao:{item.empresa.pk}")
    if isinstance(nova, NovaOperacao):
        nova.pedido["partes"]["contribuinte"] = cpf
    return nova


def _uma_por_dia(
    item: Item, tipo: str, chave: str, pergunta: str = "", parametros: Mapping[str, str] | None = None
) -> NovaOperacao | Fora:
    """A question that the Receita answers alike all day: asked once."""
    do_dia = f"{chave}:{item.contexto.hoje:%Y%m%d}"
    if item.contexto.feita(item.empresa.pk, do_dia):
        return item.fora(Codigo.JA_CONSULTADA, "Já foi pedido hoje, e a resposta está guardada.")
    pedido = {
        "competencia": item.contexto.competencia.isoformat(),
        "chave": pergunta,
        "parametros": dict(parametros or {}),
    }
    return item.nova(tipo, do_dia, pedido)


def _mes_do_pedido(nova: NovaOperacao) -> str:
    pedido = nova.pedido
    dia = f", para pagar em {format_data(date.fromisoformat(pedido['consolidacao']))}" if pedido["consolidacao"] else ""
    return f"{format_competencia(date.fromisoformat(pedido['competencia']))}{dia}"


def _divida_do_pedido(nova: NovaOperacao) -> str:
    return divida(nova.empresa_id or 0, date.fromisoformat(nova.pedido["competencia"]))


def _meses_do_beneficio(nova: NovaOperacao) -> str:
    meses = (date(int(mes[:4]), int(mes[4:]), 1) for mes in nova.pedido["meses"])
    return ", ".join(format_competencia(mes) for mes in meses)


def das_da_linha(pedido: Pedido, empresa: int, texto: str, pdf: bytes = b"") -> DasEmitido | Invalido:
    """The DAS-MEI that `pedido` asks for, read from the linha digitável that a person copied.

    The line does not say whose it is, nor fine and interest apart. Refused: a day to pay before the one asked for, and
    the number of another empresa's guia.
    """
    linha = linha_digitavel(texto)
    if isinstance(linha, Invalido):
        return linha
    if linha.orgao != ORGAO_SIMPLES or linha.valor is None or linha.limite is None:
        return Invalido(Motivo.FORMATO, "A linha digitável é de outra guia: a do DAS-MEI traz 0328 no segundo bloco.")
    vencimento = prazo_das(date.fromisoformat(pedido["competencia"]))
    pedida = date.fromisoformat(pedido["consolidacao"]) if pedido["consolidacao"] else vencimento
    if linha.limite < pedida:
        return Invalido(
            Motivo.PROIBIDO,
            f"O DAS-MEI desta linha é para pagar até {format_data(linha.limite)}, e o pedido é de um para pagar em "
            f"{format_data(pedida)}. Confira se é deste mês.",
        )
    if Guia.objects.filter(numero=linha.documento).exclude(empresa=empresa).exists():
        return Invalido(Motivo.PROIBIDO, f"O DAS-MEI {linha.documento} já está guardado em outra empresa.")
    return guia_em_pdf.da_linha(linha, pdf, vencimento)


EMISSAO, SO_BARRAS = "mei.das", "mei.barras"
MARCAR, INSCRITOS, PAPEL, PERGUNTA, DO_CPF = (
    "mei.beneficio",
    "mei.divida_ativa",
    "ccmei.emitir",
    "ccmei.dados",
    "ccmei.cpf",
)

_COBRADO = "Cada um é cobrado, também o que a Receita recusar com resposta."

DEFINICOES |= {
    EMISSAO: Definicao(
        "Emitir", "DAS-MEI", "DAS-MEI", DAS, Servico.MEI, Classe.EMISSAO, _COBRADO, lambda item: emissao(item, DAS),
        contexto=ContextoMei, tipos=TIPOS_DO_DAS, mensal=False, dizer=_mes_do_pedido, divida=_divida_do_pedido,
    ),
    SO_BARRAS: Definicao(
        "Pedir o código de barras de", "DAS-MEI", "DAS-MEI", BARRAS, Servico.MEI, Classe.EMISSAO,
        f"Vem só a linha digitável, sem o PDF. {_COBRADO}", lambda item: emissao(item, BARRAS),
        contexto=ContextoMei, tipos=TIPOS_DO_DAS, mensal=False, dizer=_mes_do_pedido, divida=_divida_do_pedido,
    ),
    MARCAR: Definicao(
        "Informar o benefício de", "MEI", "MEI", BENEFICIO, Servico.MEI, Classe.EMISSAO,
        "Muda o que a Receita tem: nos meses com benefício previdenciário (salário-maternidade, auxílio "
        "por incapacidade) "
        "o INSS não é devido. Pode ser desfeito da mesma forma. Cada envio é cobrado como emissão.", beneficio,
        contexto=ContextoMei, tipos=(BENEFICIO,), mensal=False, dizer=_meses_do_beneficio,
    ),
    INSCRITOS: Definicao(
        "Consultar a dívida ativa de", "MEI", "MEI", DIVIDA, Servico.MEI, Classe.CONSULTA,
        "Débitos do ano inscritos em dívida ativa. Cada consulta é cobrada; a resposta fica guardada.", divida_ativa,
        contexto=ContextoMei, tipos=(DIVIDA,), mensal=False,
    ),
    PAPEL: Definicao(
        "Emitir o CCMEI de", "MEI", "MEI", CERTIFICADO, Servico.MEI, Classe.EMISSAO,
        "O certificado em PDF, guardado nos documentos da empresa. Cada um é cobrado como emissão.", certificado,
        contexto=ContextoMei, tipos=(CERTIFICADO,), mensal=False,
    ),
    PERGUNTA: Definicao(
        "Consultar os dados do CCMEI de", "MEI", "MEI", DADOS, Servico.MEI, Classe.CONSULTA,
        "Situação, ocupações e responsável, como estão na Receita. Cada consulta é cobrada; a resposta fica guardada.",
        dados_do_ccmei, contexto=ContextoMei, tipos=(DADOS,), mensal=False,
    ),
    DO_CPF: Definicao(
        "Consultar os CNPJs do responsável de", "MEI", "MEI", SITUACAO_CPF, Servico.MEI, Classe.CONSULTA,
        "Os CNPJs que a pessoa tem ou teve como MEI. Cada consulta é cobrada; a resposta fica guardada.",
        situacao_do_cpf, contexto=ContextoMei, tipos=(SITUACAO_CPF,), mensal=False,
    ),
}  # fmt: skip
