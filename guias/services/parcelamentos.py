"""What is asked of the Receita about instalments: one table of actions for the eight systems."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from functools import partial
from typing import Any

from django.utils import timezone

from comum.formatos import format_competencia, format_data, format_dinheiro
from credentials.models import Servico
from empresas.calendario import dia_util_anterior, somar_meses
from empresas.models import Empresa, Feriado
from guias.models import Consulta, Guia
from guias.providers.parcelamentos import FAMILIAS, PARCELAS, PEDIDOS, Familia
from guias.services.acesso import Acessos, Codigo, Fora
from guias.services.acoes import DEFINICOES, Definicao
from guias.services.intencoes import Item
from guias.services.mei import meses_de
from guias.services.pedidos import Pedido
from operacoes.models import Classe, Operacao
from operacoes.motor import NovaOperacao

LISTAR, ABERTAS, VER = "guias.parcelas.pedidos", "guias.parcelas.abertas", "guias.parcelas.detalhe"
VER_PAGAMENTO, EMITIR = "guias.parcelas.pagamento", "guias.parcelas.emitir"
TODAS = "todas"
_ENCERRADO = re.compile(r"encerr|rescind|rescis|cancel|indefer|liquid|quitad|desist|excl|inv[aá]lid", re.IGNORECASE)


def divida(familia: Familia, empresa: int, numero: int, mes: date) -> str:
    """The name of what the slip of an instalment pays. Numbers of parcelamentos begin at 1 for each taxpayer."""
    return f"{familia.chave}:{empresa}:{numero}:{mes:%Y%m}"


def vencimento_da_parcela(mes: date) -> date:
    """The last bank day of the month of the instalment (Resolução CGSN 140/2018, art. 46)."""
    feriados = set(Feriado.objects.filter(data__gte=mes, data__lt=somar_meses(mes, 1)).values_list("data", flat=True))
    return dia_util_anterior(date.fromordinal(somar_meses(mes, 1).toordinal() - 1), feriados)


def ativo(pedidos: list[dict[str, Any]]) -> dict[str, Any] | None:
    """Of the pedidos that a Consulta keeps, the one under way; None when all have ended."""
    vivos = [pedido for pedido in pedidos if not _ENCERRADO.search(pedido["situacao"])]
    return max(vivos, key=lambda pedido: (pedido["pedido_em"] or "", pedido["numero"]), default=None)


class ContextoParcelas(Acessos):
    """With the last answers about pedidos and open instalments of one family, and the guias drawn of it."""

    def __init__(
        self, familia: Familia, empresas: Sequence[Empresa], competencia: date, tipos: Iterable[str] = ()
    ) -> None:
        super().__init__(empresas, competencia)
        self.familia = familia
        pks = [empresa.pk for empresa in empresas]
        lidas = Consulta.objects.filter(
            empresa__in=pks, servico__in=[str(familia.servico(PEDIDOS)), str(familia.servico(PARCELAS))]
        )
        self.ditas = {(c.empresa_id, c.servico): c for c in lidas.order_by("pk")}
        self.guias: dict[str, Guia] = {}  # the last copy of each dívida
        self.pagas: dict[str, date] = {}  # of those of which any copy was paid, when
        for guia in Guia.objects.filter(
            empresa__in=pks, tipo=Guia.Tipo.DAS_PARCELA, divida__startswith=f"{familia.chave}:"
        ).order_by("pk"):
            self.guias[guia.divida] = guia
            if guia.paga_em:
                self.pagas[guia.divida] = guia.paga_em
        sem_guia = Operacao.objects.filter(empresa__in=pks, tipo__in=list(tipos), guia__isnull=True)
        for operacao in sem_guia.order_by("pk").only("empresa", "tipo", "chave", "situacao"):
            self.operacoes[operacao.empresa_id or 0].append((operacao.tipo, operacao.chave, operacao.situacao))
            self.por_chave[operacao.chave] = operacao.pk
        self._prazos: dict[date, date] = {}

    def prazo_de(self, mes: date) -> date:
        if mes not in self._prazos:
            self._prazos[mes] = vencimento_da_parcela(mes)
        return self._prazos[mes]

    def consulta(self, empresa: int, nome: str) -> Consulta | None:
        return self.ditas.get((empresa, str(self.familia.servico(nome))))


def _das_parcelas(item: Item) -> ContextoParcelas:
    if not isinstance(item.contexto, ContextoParcelas):
        raise TypeError("this action does not read what is known of instalments")
    return item.contexto


def _pedido(item: Item, **mais: Any) -> Pedido:
    contexto = _das_parcelas(item)
    return {"familia": contexto.familia.chave, "competencia": contexto.competencia.isoformat(), **mais}


def _pergunta(item: Item, tipo: str, chave: str = "", **parametros: Any) -> NovaOperacao | Fora:
    """A question that is answered alike all day: asked once."""
    contexto = _das_parcelas(item)
    do_dia = f"{tipo.removeprefix('guias.')}:{contexto.familia.chave}:{item.empresa.pk}:{chave}:{contexto.hoje:%Y%m%d}"
    if contexto.feita(item.empresa.pk, do_dia):
        return item.fora(Codigo.JA_CONSULTADA, "Já foi consultado hoje, e a resposta está guardada.")
    return item.nova(tipo, do_dia, _pedido(item, chave=chave, parametros=parametros))


def _do_parcelamento(item: Item) -> int | Fora:
    numero = item.parametros.get("numero", "")
    if numero.isdecimal() and len(numero) < 10:
        return int(numero)
    return item.fora(Codigo.DADOS, "Falta o número do parcelamento. Consulte os pedidos da empresa.")


def pedidos(item: Item) -> NovaOperacao | Fora:
    return _pergunta(item, LISTAR)


def parcelas(item: Item) -> NovaOperacao | Fora:
    return _pergunta(item, ABERTAS)


def detalhe(item: Item) -> NovaOperacao | Fora:
    numero = _do_parcelamento(item)
    return numero if isinstance(numero, Fora) else _pergunta(item, VER, str(numero), numero=numero)


def pagamento(item: Item) -> NovaOperacao | Fora:
    numero = _do_parcelamento(item)
    if isinstance(numero, Fora):
        return numero
    mes = meses_de(item.parametros.get("parcelas", ""), item.contexto.competencia)[0]
    return _pergunta(item, VER_PAGAMENTO, f"{numero}:{mes:%Y%m}", numero=numero, mes=mes.isoformat())


def emissao(item: Item) -> list[NovaOperacao | Fora]:
    """The slips of the instalments that `parametros["parcelas"]` names ("202610,202611", "todas": all that the last
    list has), else of the competência."""
    contexto, empresa = _das_parcelas(item), item.empresa.pk
    lista, feitos = contexto.consulta(empresa, PARCELAS), contexto.consulta(empresa, PEDIDOS)
    if feitos is None:
        return [item.fora(Codigo.DADOS, "Os pedidos de parcelamento ainda não foram consultados. Consulte-os antes.")]
    parcelamento = ativo(feitos.resposta["pedidos"])
    if parcelamento is None:
        em = format_data(feitos.consultada_em.date())
        return [item.fora(Codigo.DADOS, f"Sem parcelamento em andamento nesta modalidade, pela consulta de {em}.")]
    if lista is None:
        return [item.fora(Codigo.DADOS, "As parcelas ainda não foram consultadas. Consulte-as antes de emitir.")]
    abertas = {date.fromisoformat(p["mes"]): p["valor"] for p in lista.resposta["parcelas"]}
    pedidas = item.parametros.get("parcelas", "")
    meses = sorted(abertas) if pedidas == TODAS else meses_de(pedidas, contexto.competencia)
    if not meses:
        em = format_data(lista.consultada_em.date())
        return [item.fora(Codigo.DADOS, f"Nenhuma parcela a emitir, pela consulta de {em}.")]
    return [_da_parcela(item, int(parcelamento["numero"]), mes, abertas.get(mes), lista) for mes in meses]


def _da_parcela(item: Item, numero: int, mes: date, valor: str | None, lista: Consulta) -> NovaOperacao | Fora:
    contexto, empresa, dito = _das_parcelas(item), item.empresa.pk, format_competencia(mes)
    devida = divida(contexto.familia, empresa, numero, mes)
    if paga_em := contexto.pagas.get(devida):
        return item.fora(Codigo.PAGA, f"A parcela {dito} foi paga em {format_data(paga_em)}.")
    guia = contexto.guias.get(devida)
    if valor is None:
        em = format_data(lista.consultada_em.date())
        return item.fora(
            Codigo.DADOS,
            f"A parcela {dito} não está entre as que a Receita listou em {em}. Consulte de novo as parcelas.",
        )
    if guia is not None and guia.limite >= contexto.hoje and not item.via_nova:
        return item.fora(
            Codigo.GUIA_EMITIDA, f"A guia da parcela {dito} já foi emitida, para pagar até {format_data(guia.limite)}."
        )
    via = (guia.via if guia else 0) + 1
    while item.via_nova and contexto.concluida(empresa, _chave(contexto.familia, empresa, numero, mes, via)):
        via += 1
    chave = _chave(contexto.familia, empresa, numero, mes, via)
    if contexto.concluida(empresa, chave):  # kept without a Guia: its PDF could not be read
        return item.fora(
            Codigo.GUIA_EMITIDA, f"A guia da parcela {dito} já foi emitida: o PDF está guardado no parcelamento."
        )
    if contexto.feita(empresa, chave):
        return item.fora(Codigo.ANDAMENTO, f"A guia da parcela {dito} já foi pedida e ainda não chegou.")
    nova = item.nova(
        EMITIR,
        chave,
        _pedido(
            item,
            numero=numero,
            mes=mes.isoformat(),
            valor=valor,
            listada_em=timezone.localdate(lista.consultada_em).isoformat(),
            via=via,
        )
        | {"competencia": mes.isoformat()},
    )
    return replace(nova, competencia=mes, prazo=contexto.prazo_de(mes))


def diferenca_da_lista(pedido: Pedido, total: Decimal, dia: date) -> str:
    """How a slip of this total, for a day of payment, differs from what the Receita listed for the instalment (pt-BR);
    empty when it agrees, and where the list is of another month, since the interest changes with the month."""
    listada, valor = pedido.get("listada_em", ""), Decimal(pedido["valor"])
    if total == valor or listada[:7] != f"{dia:%Y-%m}":
        return ""
    return (
        f"A guia da parcela é de {format_dinheiro(total)}, e a lista da Receita de "
        f"{format_data(date.fromisoformat(listada))} dizia {format_dinheiro(valor)}. Consulte de novo as parcelas e "
        "confira antes de pagar."
    )


def _chave(familia: Familia, empresa: int, numero: int, mes: date, via: int) -> str:
    return f"parcelas.emitir:{familia.chave}:{empresa}:{numero}:{mes:%Y%m}:via{via}"


def _dizer_parcela(nova: NovaOperacao) -> str:
    mes = format_competencia(date.fromisoformat(nova.pedido["mes"]))
    return f"{mes} ({format_dinheiro(Decimal(nova.pedido['valor']))})"


def _divida_do_pedido(nova: NovaOperacao) -> str:
    pedido = nova.pedido
    return divida(
        FAMILIAS[pedido["familia"]], nova.empresa_id or 0, pedido["numero"], date.fromisoformat(pedido["mes"])
    )


def acao(familia: Familia, o_que: str) -> str:
    """The name of a Definicao: "parcsn.emitir"."""
    return f"{familia.chave}.{o_que}"


_GUARDADA = "Cada consulta é cobrada; a resposta fica guardada."


def _definicoes(familia: Familia) -> dict[str, Definicao]:
    comum: dict[str, Any] = {
        "servico": Servico.PARCELAMENTOS,
        "poderes": familia.poderes,
        "contexto": partial(ContextoParcelas, familia),
        "mensal": False,
    }
    consulta = comum | {"classe": Classe.CONSULTA, "singular": "empresa", "plural": "empresas"}
    nome = f"{familia.sigla} ({familia.nome})"
    return {
        acao(familia, "pedidos"): Definicao(
            verbo="Consultar os pedidos de", tipo=LISTAR, montar=pedidos, tipos=(LISTAR,),
            aviso=f"Pedidos de parcelamento {nome}. {_GUARDADA}", **consulta,
        ),
        acao(familia, "parcelas"): Definicao(
            verbo="Consultar as parcelas de", tipo=ABERTAS, montar=parcelas, tipos=(ABERTAS,),
            aviso=f"Parcelas {nome} que podem ser emitidas. {_GUARDADA}", **consulta,
        ),
        acao(familia, "detalhe"): Definicao(
            verbo="Consultar o parcelamento de", tipo=VER, montar=detalhe, tipos=(VER,),
            aviso=f"Consolidação e pagamentos do parcelamento {nome}. {_GUARDADA}", **consulta,
        ),
        acao(familia, "pagamento"): Definicao(
            verbo="Consultar o pagamento da parcela de", tipo=VER_PAGAMENTO, montar=pagamento, tipos=(VER_PAGAMENTO,),
            aviso=f"Como a parcela {nome} foi paga. {_GUARDADA}", **consulta,
        ),
        acao(familia, "emitir"): Definicao(
            verbo="Emitir", singular="guia de parcela", plural="guias de parcela", tipo=EMITIR, montar=emissao,
            tipos=(EMITIR,), classe=Classe.EMISSAO, dizer=_dizer_parcela, divida=_divida_do_pedido,
            aviso=f"Parcelamento {nome}. Cada guia é cobrada como emissão, também quando é emitida de novo.", **comum,
        ),
    }  # fmt: skip


O_QUE = ("pedidos", "parcelas", "detalhe", "pagamento", "emitir")
for _familia in FAMILIAS.values():
    DEFINICOES |= _definicoes(_familia)
