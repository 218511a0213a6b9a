"""Opening a transmitted declaration again: when there is cause, from what it said, with a reason, and what changes."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db import transaction
from django.db.models import F

from comum import auditoria
from comum.formatos import format_competencia, format_dinheiro
from comum.models import Usuario
from empresas.models import Empresa
from guias.calculo import simples
from guias.calculo.anexos import TabelaAnexos
from guias.calculo.recusa import Recusa
from guias.calculo.tributos import nome_do_codigo
from guias.models import Apuracao, Receita, Retificacao
from guias.services.andamento import em_andamento
from guias.services.aprovacao import mesmos_valores
from guias.services.calculo import calcular, entrada_de, reabrir, recalcular, tabela_vigente, travar
from guias.services.colunas import Coluna
from guias.services.fatos import Fatos

MENOR_MOTIVO = 10


def retificar(apuracao: Apuracao, usuario: Usuario, motivo: str) -> str:
    """Open a revision of a transmitted declaration: receitas can change again, the next transmission replaces it. They
    begin as they were declared, for nobody could change them since.

    Returns why it could not be opened (pt-BR), empty when it was.
    """
    motivo = " ".join(motivo.split())
    if len(motivo) < MENOR_MOTIVO:
        return "Diga por que a declaração vai ser retificada, em algumas palavras: fica na auditoria."
    if len(motivo) > 500:
        return "O motivo passa de 500 letras. Resuma-o."
    with transaction.atomic():
        travar([apuracao.empresa_id])
        travada = Apuracao.objects.select_for_update().get(pk=apuracao.pk)
        if travada.situacao != Apuracao.Situacao.TRANSMITIDA:
            return "Só se retifica uma declaração transmitida."
        if em_andamento([travada.empresa_id], travada.competencia):
            return "Há uma operação em andamento para esta apuração. Espere que termine."
        reabrir(travada)
        travada.retificadora = True
        travada.revisao += 1
        travada.preparada_por = usuario
        travada.save()
        Retificacao.objects.create(
            apuracao=travada,
            revisao=travada.revisao,
            motivo=motivo,
            usuario=usuario,
            id_declaracao=travada.id_declaracao,
            valores=travada.declarado,
            total=travada.total_declarado,
            receitas=receitas_ditas(travada),
        )
        auditoria.registrar(
            usuario=usuario,
            acao="guias.retificar",
            objeto=travada,
            resumo=f"Retificação {travada.revisao} de {format_competencia(travada.competencia)} aberta: {motivo}",
            dados={"declaracao_anterior": travada.id_declaracao, "motivo": motivo},
        )
        recalcular([travada.empresa], travada.competencia, usuario, receita_mudou=True)
    return ""


def receitas_ditas(apuracao: Apuracao) -> list[list[str]]:
    """[CNPJ, activity in words, reais] of each receita of the competência, as Retificacao keeps them."""
    raiz = apuracao.empresa.raiz
    return _receitas_ditas([raiz], apuracao.competencia).get(raiz, [])


def _receitas_ditas(raizes: Iterable[str], competencia: date) -> dict[str, list[list[str]]]:
    receitas = Receita.objects.filter(empresa__raiz__in=list(raizes), competencia=competencia)
    ditas: dict[str, list[list[str]]] = {}
    for receita in receitas.select_related("empresa").order_by("empresa__documento", "atividade", "pk"):
        dita = [receita.empresa.documento, Coluna.de(receita).rotulo, str(receita.valor)]
        ditas.setdefault(receita.empresa.raiz, []).append(dita)
    return ditas


@dataclass(frozen=True)
class Mudanca:
    """One line of before and after, in reais; None where there is none."""

    nome: str
    antes: Decimal | None
    depois: Decimal | None

    @property
    def diferenca(self) -> Decimal:
        return (self.depois or Decimal(0)) - (self.antes or Decimal(0))


@dataclass(frozen=True)
class Comparacao:
    """What a rectification changes: by tribute, by receita, and what is left to pay. `depois` is None while there are
    no values."""

    retificacao: Retificacao
    tributos: list[Mudanca]
    receitas: list[Mudanca]
    depois: Decimal | None

    @property
    def antes(self) -> Decimal:
        return self.retificacao.total or Decimal(0)

    @property
    def diferenca(self) -> Decimal | None:
        return None if self.depois is None else self.depois - self.antes

    @property
    def conclusao(self) -> str:
        """What it means for what is to be paid, pt-BR."""
        if self.diferenca is None:
            return "Ainda sem valores para comparar."
        if not self.diferenca:
            return "O DAS continua o mesmo: nada a pagar a mais."
        quanto = format_dinheiro(abs(self.diferenca))
        if self.diferenca > 0:
            return f"O DAS aumenta {quanto}. Se o anterior já foi pago, o novo DAS traz só o que falta, com acréscimos."
        return (
            f"O DAS diminui {quanto}. Se o anterior já foi pago, não há DAS novo: o pago a maior fica como crédito, a "
            "compensar ou restituir no portal do Simples Nacional."
        )


def comparar(apuracao: Apuracao) -> Comparacao | None:
    """The last rectification of an apuração against its values now; None when it was never rectified."""
    retificacao = apuracao.retificacoes.select_related("usuario").first()
    if retificacao is None:
        return None
    depois, valores = _valores_de_agora(apuracao)
    codigos = sorted({*retificacao.valores, *valores})
    return Comparacao(
        retificacao,
        [
            Mudanca(nome_do_codigo(codigo), _decimal(retificacao.valores.get(codigo)), _decimal(valores.get(codigo)))
            for codigo in codigos
        ],
        _das_receitas(retificacao.receitas, receitas_ditas(apuracao)),
        depois,
    )


def _valores_de_agora(apuracao: Apuracao) -> tuple[Decimal | None, Mapping[str, str]]:
    """The total and the tributes by the best figures there are; None and nothing where there are none."""
    transmitida = apuracao.situacao == Apuracao.Situacao.TRANSMITIDA
    fontes: tuple[tuple[Decimal | None, Mapping[str, str]], ...] = (
        (apuracao.total_declarado if transmitida else None, apuracao.declarado),
        (apuracao.total_aprovado, apuracao.aprovado),
        (apuracao.total_simulado, apuracao.simulado),
        (apuracao.total_calculado, apuracao.calculado),
    )
    return next(((total, lidos) for total, lidos in fontes if total is not None), (None, {}))


def sem_mudanca(apuracoes: Sequence[tuple[Empresa, Apuracao]]) -> set[int]:
    """Of the apurações of one competência that were opened to be rectified, the ids of the empresas whose receitas and
    tributes are those of the declaration to be replaced; in two queries."""
    abertas = [(empresa, apuracao) for empresa, apuracao in apuracoes if apuracao.retificadora]
    do_mes = {apuracao.pk for _, apuracao in abertas}
    antes = {
        retificacao.apuracao_id: retificacao
        for retificacao in Retificacao.objects.filter(apuracao__in=do_mes, revisao=F("apuracao__revisao"))
    }
    if not antes:
        return set()
    ditas = _receitas_ditas({empresa.raiz for empresa, _ in abertas}, abertas[0][1].competencia)
    return {
        empresa.pk
        for empresa, apuracao in abertas
        if (anterior := antes.get(apuracao.pk)) is not None
        and mesmos_valores(anterior.valores, _valores_de_agora(apuracao)[1])
        and not _das_receitas(anterior.receitas, ditas.get(empresa.raiz, []))
    }


@dataclass(frozen=True)
class Defasagem:
    """What a transmitted declaration was computed on and what the months before it say now, by our own figures."""

    rbt12: Mudanca
    das: Mudanca


def defasagens(fatos: Iterable[Fatos], competencia: date) -> dict[int, Defasagem]:
    """By empresa, of those of a competência whose transmitted declaration stands on an RBT12 that is not what it was.
    Nothing is written."""
    transmitidas = [
        lidos
        for lidos in fatos
        if lidos.apuracao is not None and lidos.apuracao.situacao == Apuracao.Situacao.TRANSMITIDA
    ]
    tabela = tabela_vigente(competencia) if transmitidas else None
    return {lidos.empresa.pk: dita for lidos in transmitidas if (dita := _defasagem(lidos, tabela)) is not None}


def _defasagem(fatos: Fatos, tabela: TabelaAnexos | None) -> Defasagem | None:
    """None while the RBT12 is still what it was, or cannot be told."""
    apuracao = fatos.apuracao
    if apuracao is None or apuracao.rbt12 is None:
        return None
    entrada = entrada_de(fatos)
    if isinstance(entrada, Recusa) or not entrada.receitas:
        return None
    so_ela = simples.rbt12_de(entrada)
    if isinstance(so_ela, Recusa) or (so_ela.interno + so_ela.externo).quantize(Decimal("0.01")) == apuracao.rbt12:
        return None
    agora = calcular(fatos, tabela)
    if isinstance(agora, Recusa) or (rbt12 := agora.rbt12.total.quantize(Decimal("0.01"))) == apuracao.rbt12:
        return None
    return Defasagem(Mudanca("RBT12", apuracao.rbt12, rbt12), Mudanca("DAS", apuracao.total_calculado, agora.total))


def _decimal(texto: str | None) -> Decimal | None:
    return None if texto is None else Decimal(texto)


def _das_receitas(antes: list[list[str]], depois: list[list[str]]) -> list[Mudanca]:
    """Those that changed, by establishment and activity."""
    velhas = {(cnpj, rotulo): Decimal(valor) for cnpj, rotulo, valor in antes}
    novas = {(cnpj, rotulo): Decimal(valor) for cnpj, rotulo, valor in depois}
    return [
        Mudanca(f"{cnpj[8:12]} · {rotulo}", velhas.get((cnpj, rotulo)), novas.get((cnpj, rotulo)))
        for cnpj, rotulo in sorted({*velhas, *novas})
        if velhas.get((cnpj, rotulo)) != novas.get((cnpj, rotulo))
    ]
