"""From drafts to Operacoes: pré-voo (what would go, why the rest would not, at zero cost), numbers, submission."""

import hashlib
import itertools
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, time
from decimal import Decimal
from uuid import UUID

from django.db import transaction
from django.db.models import Prefetch, Q
from django.utils import timezone

from comum.formatos import contar, format_data, format_dinheiro, format_numero
from comum.models import Usuario
from nfse.models import CanalNfse, ConvenioNacional, Nota, NotaItem, NumeroLivre, ParametroMunicipal, TipoCanal
from nfse.services import convenios, exigencias, municipais, nacional
from nfse.services.iss import aliquota_vai
from nfse.services.municipais import AliquotaDita
from nfse.services.notas import TOTAIS, calcular, devolver_numeros
from nfse.services.pedidos import Pedido, emissao_de, para_json, referencia_de
from nfse.services.validacao import Contexto, Problema, contribuicoes_no_simples, deve_ibs_cbs, dps_da, problemas
from operacoes.handlers import Repeticao
from operacoes.models import Operacao, Processamento
from operacoes.motor import NovaOperacao, submeter
from operacoes.processamentos.criacao import DeFora, criar

_LOTE = 500
_AVISOS = 3  # old readings told one by one
OCUPADAS = {
    Nota.Situacao.EMITINDO: "A nota já está em emissão.",
    Nota.Situacao.AUTORIZADA: "A nota já foi autorizada.",
    Nota.Situacao.CANCELANDO: "A nota já foi autorizada e tem cancelamento solicitado.",
    Nota.Situacao.CANCELADA: "A nota já foi cancelada.",
    Nota.Situacao.SUBSTITUIDA: "A nota já foi substituída.",
    Nota.Situacao.ABANDONADA: "A nota foi abandonada.",
}


def tipo_de(canal: CanalNfse, nota: Nota) -> str:
    verbo = "substituir" if nota.substitui_id else "emitir"
    return f"nfse.{canal.tipo}.{verbo}"


@dataclass(frozen=True)
class ForaNota:
    """A note that would not go, and everything that keeps it."""

    nota: Nota
    problemas: Sequence[Problema]

    @property
    def motivo(self) -> str:
        return " ".join(problema.mensagem for problema in self.problemas)

    @property
    def codigo(self) -> str:
        return self.problemas[0].codigo


@dataclass
class Prevoo:
    prontas: list[Nota] = field(default_factory=list)
    fora: list[ForaNota] = field(default_factory=list)
    canais: dict[int, CanalNfse] = field(default_factory=dict)  # of those that go, by the note's pk
    sem_ibs_cbs: int = 0  # of those that go, how many without what the law asks for
    convenios: list[ConvenioNacional] = field(default_factory=list)  # old or never read, by which some would go
    retencoes: Counter[ParametroMunicipal] = field(default_factory=Counter)  # likely to be refused, how many of each
    sem_aliquota: set[int] = field(default_factory=set)  # of those that go, which (pk) without the rate of their item
    contribuicoes: int = 0  # of those that go, how many of the Simples with contributions withheld or of their own
    aliquotas: Counter[AliquotaDita] = field(default_factory=Counter)  # that municípios apply, to how many

    @property
    def valor(self) -> Decimal:
        return sum((nota.valor_servicos for nota in self.prontas), Decimal(0))

    @property
    def por_canal(self) -> str:
        """How many go by which service, in words."""
        quantas = Counter(str(canal.get_tipo_display()) for canal in self.canais.values())
        return " · ".join(f"{nome} {format_numero(n)}" for nome, n in sorted(quantas.items()))

    @property
    def titulo(self) -> str:
        return f"Emitir {contar(len(self.prontas), 'nota', 'notas')}"

    @property
    def rotulo(self) -> str:
        """The words of the button."""
        return f"{self.titulo} · {format_dinheiro(self.valor)}"

    @property
    def avisos(self) -> list[str]:
        """What does not keep a note from going, and should be known before."""
        return [*self._da_data, *self._do_ibs_cbs, *self._das_contribuicoes, *self._das_retencoes]

    @property
    def _das_retencoes(self) -> list[str]:
        ditos = ((municipais.aviso_da_retencao(lido), quantas) for lido, quantas in self.retencoes.items())
        return [dito + (f" São {contar(quantas, 'nota', 'notas')}." if quantas > 1 else "") for dito, quantas in ditos]

    @property
    def _do_ibs_cbs(self) -> list[str]:
        if not self.sem_ibs_cbs:
            return []
        quantas = contar(self.sem_ibs_cbs, "nota vai sem IBS e CBS", "notas vão sem IBS e CBS")
        return [
            f"{quantas}, que a lei já pede de quem está fora do Simples. A NFS-e Nacional ainda as autoriza; "
            "informe CST, cClassTrib e cIndOp no serviço ou na nota, com quem cuida dos tributos."
        ]

    @property
    def _das_contribuicoes(self) -> list[str]:
        if not self.contribuicoes:
            return []
        uma = "nota de empresa do Simples Nacional vai com PIS, COFINS ou CSLL retidos, ou com PIS e COFINS próprios"
        varias = uma.replace("nota de empresa", "notas de empresas").replace(" vai ", " vão ")
        return [
            f"{contar(self.contribuicoes, uma, varias)} (CST 01). A retenção não se aplica a optantes do Simples (IN "
            "RFB 459/2004, art. 3º, II), que pagam essas contribuições no DAS. Tire-as da nota e do serviço, ou "
            "confirme com quem cuida dos tributos."
        ]

    @property
    def _da_data(self) -> list[str]:
        hoje = timezone.localdate()
        datadas = [
            nota for nota in self.prontas if nota.emissao != hoje and self.canais[nota.pk].tipo == TipoCanal.SISGENFE
        ]
        ditos = [convenios.aviso(um) for um in self.convenios[:_AVISOS]]
        if datadas:
            quantas = contar(len(datadas), "nota tem outra data e sairá", "notas têm outra data e sairão")
            hoje_dito = format_data(hoje)
            ditos.append(f"O SISGENF-e data cada nota no dia em que a recebe: {quantas} com a de hoje, {hoje_dito}.")
        return ditos

    @property
    def aliquotas_ditas(self) -> list[tuple[AliquotaDita, int]]:
        """By município and serviço, with how many notes each."""
        return sorted(
            self.aliquotas.items(), key=lambda par: (str(par[0].municipio), par[0].servico, par[0].competencia)
        )

    @property
    def marca(self) -> str:
        """Changes when what would be sent does; the confirmation carries it."""
        partes = sorted(
            f"{nota.pk}:{nota.versao}:{nota.situacao}:{nota.valor_servicos}:{exigencias.marca(self.canais[nota.pk])}"
            f":{self.canais[nota.pk].pk}:{nota.tomador.alterado_em.isoformat()}"
            f":{nota.destinatario.alterado_em.isoformat() if nota.destinatario else ''}"
            for nota in self.prontas
        )
        return hashlib.sha256("\n".join(partes).encode()).hexdigest()[:24]

    @property
    def grupos(self) -> list[tuple[str, list[ForaNota]]]:
        """Left out, by what is wrong with them first, the most frequent first: (said of all, those)."""
        por_codigo: dict[str, list[ForaNota]] = defaultdict(list)
        for item in self.fora:
            por_codigo[item.codigo].append(item)
        ordenados = sorted(por_codigo.values(), key=lambda itens: -len(itens))
        return [(itens[0].problemas[0].mensagem, itens) for itens in ordenados]


def com_tudo(notas: Iterable[int]) -> list[Nota]:
    """The notes with all that the rules and the channels look at, in a constant number of queries."""
    return list(
        Nota.objects.filter(pk__in=list(notas))
        .select_related(
            *("empresa__municipio", "tomador__municipio", "destinatario__municipio", "municipio_prestacao"),
            *("substitui", "operacao", "canal"),
        )
        .prefetch_related(Prefetch("itens", NotaItem.objects.order_by("ordem")))
        .order_by("empresa", "emissao", "pk")
    )


def prevoo(notas: Sequence[Nota], contexto: Contexto | None = None) -> Prevoo:
    """What would happen, without asking anyone outside. `notas` as com_tudo() gives them."""
    contexto = contexto or Contexto({nota.empresa_id: nota.empresa for nota in notas}.values())
    resultado = Prevoo()
    for nota in notas:
        if not nota.editavel:
            ocupada = Problema("", f"situacao-{nota.situacao}", OCUPADAS[Nota.Situacao(nota.situacao)])
            resultado.fora.append(ForaNota(nota, [ocupada]))
        elif achados := problemas(nota, nota.itens.all(), contexto):
            resultado.fora.append(ForaNota(nota, achados))
        else:
            resultado.prontas.append(nota)
            canal = contexto.rotas.rota(nota.empresa, nota.competencia).canal
            assert canal is not None  # noqa: S101 - a note without one has a problem
            resultado.canais[nota.pk] = canal
            _olhar_a_dps(resultado, nota, canal, contexto)
    resultado.convenios = _convenios_velhos(resultado, contexto)
    return resultado


def _olhar_a_dps(resultado: Prevoo, nota: Nota, canal: CanalNfse, contexto: Contexto) -> None:
    """What does not keep a national note from going, and should be known before."""
    dps = dps_da(nota, list(nota.itens.all()), canal, contexto)
    if dps is None:
        return
    resultado.sem_ibs_cbs += deve_ibs_cbs(nota, dps)
    resultado.contribuicoes += contribuicoes_no_simples(dps)
    if not aliquota_vai(dps):
        resultado.sem_aliquota.add(nota.pk)
    if nota.empresa.municipio_id in contexto.emissores:
        return
    if retencao := municipais.retencao_recusada(dps, nota.competencia, contexto.parametros):
        resultado.retencoes[retencao] += 1
    if aliquota := municipais.aliquota_dita(dps, nota.competencia, contexto.parametros):
        resultado.aliquotas[aliquota] += 1


def _convenios_velhos(previa: Prevoo, contexto: Contexto) -> list[ConvenioNacional]:
    nacionais = [nota for nota in previa.prontas if previa.canais[nota.pk].tipo == TipoCanal.NACIONAL]
    delas = {m for nota in nacionais for m in (nota.empresa.municipio_id, nota.municipio_incidencia_id) if m}
    conhecidos = contexto.convenios | contexto.convenios_nao_lidos
    achados = [conhecidos[municipio] for municipio in sorted(delas) if municipio in conhecidos]
    return [convenio for convenio in achados if convenios.velho(convenio)]


class Mudou(Exception):
    """Between the pré-voo that was shown and the confirmation, what would be sent changed. Carries the new one."""

    def __init__(self, prevoo: Prevoo) -> None:
        super().__init__("changed")
        self.prevoo = prevoo


def emitir(notas: Iterable[int], usuario: Usuario, *, marca: str, titulo: str = "") -> Processamento:
    """Submit what the pré-voo showed as one run. Raises Mudou when it is no longer the same, or nothing would go: a
    second click finds the notes in emission."""
    with transaction.atomic():
        atual, novas = _preparar(notas, marca)
        competencias = {nota.competencia for nota in atual.prontas}
        return criar(
            tipo="nfse.emitir",
            titulo=titulo or atual.titulo,
            usuario=usuario,
            competencia=competencias.pop() if len(competencias) == 1 else None,
            novas=novas,
            fora=[DeFora(item.nota.empresa_id, item.codigo, f"{item.nota}: {item.motivo}") for item in atual.fora],
            parametros={"notas": [nota.pk for nota in atual.prontas], "marca": marca},
        )


def emitir_uma(nota: int, usuario: Usuario, *, marca: str) -> Operacao:
    """Submit one note on its own. Raises Mudou."""
    with transaction.atomic():
        _, novas = _preparar([nota], marca)
        feitas = submeter(novas, usuario=usuario)
    return (feitas.criadas or feitas.existentes)[0]


def _preparar(notas: Iterable[int], marca: str) -> tuple[Prevoo, list[NovaOperacao]]:
    pks = sorted(set(notas))
    _travar(pks)
    todas = com_tudo(pks)
    contexto = Contexto({nota.empresa_id: nota.empresa for nota in todas}.values())
    atual = prevoo(todas, contexto)
    if not atual.prontas or atual.marca != marca:
        raise Mudou(atual)
    numerar(atual.prontas, contexto)
    return atual, [nova_operacao(nota, contexto) for nota in atual.prontas]


def _travar(pks: Iterable[int]) -> None:
    """The notes and those that they replace, of which nothing else is asked meanwhile."""
    todas = Q(pk__in=list(pks)) | Q(pk__in=Nota.objects.filter(pk__in=list(pks)).values("substitui"))
    list(Nota.objects.select_for_update().filter(todas).order_by("pk").values_list("pk"))


def numerar(notas: Iterable[Nota], contexto: Contexto) -> None:
    """Give each note its channel and, where we number, the next number of its series: one that was given back first.
    Inside the transaction that submits; the channels stay locked until its end, so no number is given twice."""
    por_canal: dict[UUID, list[Nota]] = defaultdict(list)
    canais: dict[UUID, CanalNfse] = {}
    for nota in notas:
        canal = contexto.rotas.rota(nota.empresa, nota.competencia).canal
        assert canal is not None  # noqa: S101 - the pré-voo has looked
        if nota.canal_id != canal.pk and nota.numero is not None:
            devolver_numeros([nota])
        nota.canal = canal
        canais[canal.pk] = canal
        por_canal[canal.pk].append(nota)
    for canal in CanalNfse.objects.select_for_update(no_key=True).filter(pk__in=canais).order_by("pk"):
        suas = [nota for nota in por_canal[canal.pk] if canal.numera and nota.numero is None]
        livres = list(NumeroLivre.objects.filter(canal=canal, serie=canal.serie).order_by("numero")[: len(suas)])
        numeros = itertools.chain((livre.numero for livre in livres), itertools.count(canal.proximo_numero))
        for nota, numero in zip(suas, numeros, strict=False):
            nota.serie, nota.numero = canal.serie, numero
        NumeroLivre.objects.filter(pk__in=[livre.pk for livre in livres]).delete()
        CanalNfse.objects.filter(pk=canal.pk).update(proximo_numero=canal.proximo_numero + len(suas) - len(livres))
        _gravar_numeradas(por_canal[canal.pk], canal, contexto)


def _gravar_numeradas(notas: Sequence[Nota], canal: CanalNfse, contexto: Contexto) -> None:
    """With their amounts again: the channel may be another than that of the draft, and decide more or less."""
    itens = []
    for nota in notas:
        suas = list(nota.itens.all())
        antes = [(item.aliquota, item.deducao, item.iss) for item in suas]
        calcular(nota, suas, canal, contexto.rotas.regime(nota.empresa, nota.competencia))
        if antes != [(item.aliquota, item.deducao, item.iss) for item in suas]:
            itens += suas
        nota.preparar()
        nota.alterada_em = timezone.now()
    NotaItem.objects.bulk_update(itens, ["aliquota", "deducao", "valor", "iss"], batch_size=_LOTE)
    Nota.objects.bulk_update(notas, ["canal", "serie", "numero", "busca", "alterada_em", *TOTAIS], batch_size=_LOTE)


def nova_operacao(nota: Nota, contexto: Contexto) -> NovaOperacao:
    canal, anterior = nota.canal, nota.operacao
    assert canal is not None  # noqa: S101 - numerar() gave it
    revisao = anterior.revisao + 1 if anterior else 1
    return NovaOperacao(
        tipo=tipo_de(canal, nota),
        chave=f"nfse:{nota.pk}" + (f":r{revisao}" if anterior else ""),
        pedido=pedido_de(nota, contexto),
        acesso=canal.acesso,
        empresa_id=nota.empresa_id,
        competencia=nota.competencia,
        prazo=nota.emissao,
        revisao=revisao,
        anterior_id=anterior.pk if anterior else None,
    )


def pedido_de(nota: Nota, contexto: Contexto) -> Pedido:
    canal, instante = nota.canal, instante_de(nota)
    do_nacional = canal is not None and canal.tipo == TipoCanal.NACIONAL
    if do_nacional:
        # Not into the day before: in the first minute of a day less is left.
        instante = max(instante - nacional.FOLGA, instante.replace(hour=0, minute=0, second=0, microsecond=0))
    emissao = emissao_de(nota, nota.itens.all(), canal, emissao=instante)
    pedido: Pedido = {"nota": nota.pk, "emissao": para_json(emissao)}
    if canal is not None and do_nacional:
        pedido["declaracao"] = contexto.declaracao(nota, canal, emissao.municipio_incidencia)
    if nota.substitui is not None:
        pedido["antiga"] = para_json(referencia_de(nota.substitui))
        pedido["substituida"] = nota.substitui.pk
        pedido["codigo"], pedido["motivo"] = nota.substituicao["codigo"], nota.substituicao["motivo"]
    return pedido


def instante_de(nota: Nota) -> datetime:
    """Now for a note of today; noon of its day for one of the past."""
    agora = timezone.localtime()
    if nota.emissao == agora.date():
        return agora.replace(microsecond=0)
    return timezone.make_aware(datetime.combine(nota.emissao, time(12)))


def repeticoes(operacoes: Sequence[Operacao]) -> dict[int, Repeticao | str]:
    """How each refused emission is tried again: with what the note says now, under the same number, checked as in the
    pré-voo; else pt-BR words on why not. Inside the transaction that submits them."""
    por_nota = {operacao.pedido["nota"]: operacao for operacao in operacoes}
    _travar(por_nota)
    notas = com_tudo(por_nota)
    contexto = Contexto({nota.empresa_id: nota.empresa for nota in notas}.values())
    atual = prevoo(notas, contexto)
    resultado: dict[int, Repeticao | str] = {
        por_nota[item.nota.pk].pk: item.motivo for item in atual.fora if item.nota.pk in por_nota
    }
    prontas = []
    for nota in atual.prontas:
        operacao, canal = por_nota[nota.pk], contexto.rotas.rota(nota.empresa, nota.competencia).canal
        if nota.operacao_id != operacao.pk:
            resultado[operacao.pk] = "A nota já foi enviada de novo depois desta recusa."
        elif canal is None or tipo_de(canal, nota) != operacao.tipo:
            resultado[operacao.pk] = "O canal da empresa mudou depois desta recusa. Emita a nota de novo pela lista."
        else:
            prontas.append(nota)
    numerar(prontas, contexto)
    for nota in prontas:
        canal = nota.canal
        assert canal is not None  # noqa: S101 - numerar() gave it
        resultado[por_nota[nota.pk].pk] = Repeticao(pedido_de(nota, contexto), canal.acesso)
    return resultado
