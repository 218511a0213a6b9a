"""What can be done to many apurações at once: the pré-voo (what would fail and why, at zero cost) and the bulk run."""

import hashlib
import json
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum

from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone

from comum import auditoria
from comum.formatos import format_competencia, format_data, format_dinheiro
from comum.models import Usuario
from credentials.models import Autor, Servico, Vinculo
from credentials.services.acesso import impedimento_de
from empresas.models import Empresa
from guias.models import TIPOS_DA_APURACAO, Apuracao, Guia, Procuracao
from guias.providers.interface import Partes
from guias.services.das import ha_das, nova_operacao_das, prazo_das
from guias.services.fatos import Fatos, carregar
from guias.services.montagem import declaracao
from guias.services.pedidos import Pedido, declaracao_para_json, partes_para_json
from operacoes import custos, processamento
from operacoes.handlers import Repeticao
from operacoes.models import ABERTAS, Classe, Operacao, Pausa, Processamento, Situacao
from operacoes.motor import NovaOperacao

PODER = "00146"  # e-CAC power for PGDAS-D


class Acao(StrEnum):
    SIMULAR = "simular"
    TRANSMITIR = "transmitir"
    EMITIR_DAS = "das"
    PROCURACOES = "procuracoes"


@dataclass(frozen=True)
class Definicao:
    """How an action is told on screen and what it needs. `verbo` and `nome` make "Transmitir 171 declarações"."""

    verbo: str
    singular: str
    plural: str
    tipo: str
    servico: Servico
    classe: Classe
    aviso: str

    def titulo(self, quantas: int) -> str:
        return f"{self.verbo} {quantas} {self.singular if quantas == 1 else self.plural}"


DEFINICOES: dict[Acao, Definicao] = {
    Acao.SIMULAR: Definicao(
        "Simular",
        "apuração",
        "apurações",
        "guias.pgdasd.simular",
        Servico.PGDASD,
        Classe.DECLARACAO,
        "A Receita calcula e nada é transmitido. Cada simulação é cobrada como uma declaração.",
    ),
    Acao.TRANSMITIR: Definicao(
        "Transmitir",
        "declaração",
        "declarações",
        "guias.pgdasd.transmitir",
        Servico.PGDASD,
        Classe.DECLARACAO,
        "Tem efeito fiscal. Só é aceita se a Receita calcular exatamente os valores aprovados; depois, corrige-se por "
        "declaração retificadora.",
    ),
    Acao.EMITIR_DAS: Definicao(
        "Emitir",
        "DAS",
        "DAS",
        "guias.das.emitir",
        Servico.DAS,
        Classe.EMISSAO,
        "Cada DAS emitido é cobrado, também quando é emitido de novo.",
    ),
    Acao.PROCURACOES: Definicao(
        "Consultar procurações de",
        "empresa",
        "empresas",
        "guias.procuracoes.consultar",
        Servico.PROCURACOES,
        Classe.CONSULTA,
        "Cada consulta é cobrada; a resposta fica guardada na empresa.",
    ),
}


@dataclass(frozen=True)
class Fora:
    """An empresa the run leaves out: `codigo` gathers equal reasons, `motivo` says why and what to do (pt-BR)."""

    empresa: Empresa
    codigo: str
    motivo: str


@dataclass
class Prevoo:
    """What would run and what would not. `custos` are R$ by billing class."""

    acao: Acao
    competencia: date
    novas: list[NovaOperacao] = field(default_factory=list)
    prontas: list[Empresa] = field(default_factory=list)
    fora: list[Fora] = field(default_factory=list)
    custos: dict[Classe, Decimal] = field(default_factory=dict)
    das_em_seguida: bool = False

    @property
    def definicao(self) -> Definicao:
        return DEFINICOES[self.acao]

    @property
    def custo(self) -> Decimal:
        return sum(self.custos.values(), Decimal(0))

    @property
    def titulo(self) -> str:
        base = self.definicao.titulo(len(self.novas))
        return f"{base} e emitir os DAS" if self.das_em_seguida else base

    @property
    def rotulo(self) -> str:
        """The words of the button."""
        return f"{self.titulo} · custo {format_dinheiro(self.custo)}"

    @property
    def por_aprovar(self) -> int:
        """How many would go if their values were approved."""
        return sum(item.codigo == "nao_conferida" for item in self.fora)

    @property
    def marca(self) -> str:
        """Changes when what would run does; the confirmation carries it."""
        chaves = sorted(nova.chave for nova in self.novas)
        return hashlib.sha256(json.dumps([chaves, self.das_em_seguida]).encode()).hexdigest()[:24]

    @property
    def grupos(self) -> list[tuple[str, list[Fora]]]:
        """Left out, by reason, the most frequent first."""
        por_codigo: dict[str, list[Fora]] = defaultdict(list)
        for item in self.fora:
            por_codigo[item.codigo].append(item)
        ordenados = sorted(por_codigo.values(), key=lambda itens: -len(itens))
        return [
            (itens[0].motivo if len({i.motivo for i in itens}) == 1 else _RESUMOS[itens[0].codigo], itens)
            for itens in ordenados
        ]


_RESUMOS = {
    "credencial": "A credencial não pode ser usada.",
    "pausada": "A credencial está pausada.",
    "procuracao": "Falta procuração em vigor.",
    "transmitida": "A declaração já foi transmitida.",
    "andamento": "Há uma operação em andamento.",
    "ja_simulada": "Já simulada com estas receitas.",
    "das_emitido": "O DAS já foi emitido.",
}


class _Contexto:
    """What every check of a pré-voo looks at, read once for all the empresas."""

    def __init__(self, empresas: Sequence[Empresa], competencia: date) -> None:
        pks = [empresa.pk for empresa in empresas]
        self.competencia = competencia
        self.hoje = timezone.localdate()
        self.fatos = carregar(empresas, competencia)
        vinculos = Vinculo.objects.filter(empresa__in=pks).select_related("credencial__certificado")
        self.vinculos = {vinculo.empresa_id: vinculo for vinculo in vinculos}
        self.pausas = dict(Pausa.objects.values_list("acesso", "motivo"))
        self.procuracoes = {(p.empresa_id, p.outorgado): p for p in Procuracao.objects.filter(empresa__in=pks)}
        self.impedimentos: dict[object, str] = {}
        do_mes = Operacao.objects.filter(
            empresa__in=pks, competencia=competencia, tipo__in=(*TIPOS_DA_APURACAO, "guias.procuracoes.consultar")
        )
        self.operacoes: dict[int, list[tuple[str, str, str]]] = defaultdict(list)
        self.por_chave: dict[str, int] = {}
        campos = ("pk", "empresa", "tipo", "chave", "situacao")
        for pk, empresa, tipo, chave, situacao in do_mes.order_by("pk").values_list(*campos):
            if empresa is not None:
                self.operacoes[empresa].append((tipo, chave, situacao))
                self.por_chave[chave] = pk
        self.vias: Counter[tuple[int, int]] = Counter(
            Guia.objects.filter(apuracao__empresa__in=pks, competencia=competencia).values_list("apuracao", "revisao")
        )
        self.prazo = prazo_das(competencia)

    @property
    def consolidacao(self) -> date | None:
        """Day to which an overdue DAS is brought; None before the due date."""
        return self.hoje if self.hoje > self.prazo else None

    def impedimento_da_credencial(self, vinculo: Vinculo) -> str:
        credencial = vinculo.credencial
        if credencial.pk not in self.impedimentos:
            inativa = f"A credencial {credencial} está inativa. Reative-a na tabela 102."
            self.impedimentos[credencial.pk] = (
                inativa
                if not credencial.ativa
                else ""
                if settings.INTEGRA_CONTADOR.bearer_publico
                else impedimento_de(credencial)
            )
        return self.impedimentos[credencial.pk]

    def tentativa(self, empresa: int, chave: str) -> int:
        """Number of the next intent under a key: one more than those refused or given up."""
        fechadas = (Situacao.RECUSADA, Situacao.DESISTIDA)
        return 1 + sum(
            1
            for _, outra, situacao in self.operacoes[empresa]
            if situacao in fechadas and (outra == chave or outra.startswith(f"{chave}:r"))
        )


def partes_de(vinculo: Vinculo, empresa: Empresa) -> Partes:
    contratante = vinculo.credencial.contratante
    autores = {
        Autor.CONTRATANTE: contratante,
        Autor.PROCURADOR: vinculo.procurador,
        Autor.CONTRIBUINTE: empresa.documento,
    }
    return Partes(contratante, autores[Autor(vinculo.autor)], empresa.documento)


def prevoo(
    acao: Acao, empresas: Iterable[Empresa], competencia: date, *, das_em_seguida: bool = False, via_nova: bool = False
) -> Prevoo:
    """What would happen, without asking anyone outside. `via_nova`: a second copy of a DAS is wanted."""
    todas = list(empresas)
    resultado = Prevoo(acao, competencia, das_em_seguida=das_em_seguida and acao is Acao.TRANSMITIR)
    if not todas:
        return resultado
    contexto = _Contexto(todas, competencia)
    montar = _MONTAR[acao]
    das = 0
    for empresa in todas:
        feito = _acesso_ou_motivo(DEFINICOES[acao].servico, empresa, contexto)
        if not isinstance(feito, Fora) and resultado.das_em_seguida and Servico.DAS not in feito.servicos:
            feito = Fora(empresa, "servico", _sem_servico(Servico.DAS))
        if not isinstance(feito, Fora):
            nova = montar(_Item(empresa, contexto, feito, resultado.das_em_seguida, via_nova))
            if isinstance(nova, NovaOperacao):
                resultado.novas.append(nova)
                resultado.prontas.append(empresa)
                das += _com_das(nova)
                continue
            feito = nova
        resultado.fora.append(feito)
    resultado.custos = _custos(resultado, das)
    return resultado


def _com_das(nova: NovaOperacao) -> bool:
    """Whether a DAS follows the transmission."""
    if not nova.pedido.get("emitir_das"):
        return False
    return ha_das(sum((Decimal(valor) for valor in nova.pedido["comparar"].values()), Decimal(0)))


def _custos(resultado: Prevoo, das: int) -> dict[Classe, Decimal]:
    por_acesso = Counter(nova.acesso for nova in resultado.novas)
    custo = {
        resultado.definicao.classe: sum(
            (custos.previsto(resultado.definicao.classe, n, acesso) for acesso, n in por_acesso.items()), Decimal(0)
        )
    }
    if das:
        com_das = Counter(nova.acesso for nova in resultado.novas if _com_das(nova))
        custo[Classe.EMISSAO] = sum(
            (custos.previsto(Classe.EMISSAO, n, acesso) for acesso, n in com_das.items()), Decimal(0)
        )
    return custo


def _sem_servico(servico: Servico) -> str:
    return f"O serviço {servico.label} não está habilitado no vínculo. Habilite-o na janela API Integra Contador."


def _acesso_ou_motivo(servico: Servico, empresa: Empresa, contexto: _Contexto) -> Vinculo | Fora:
    """The Vinculo to call through, or why there is no call to make."""
    vinculo = contexto.vinculos.get(empresa.pk)
    if vinculo is None:
        motivo = "Não está em nenhuma credencial. Inclua a empresa na janela API Integra Contador."
        return Fora(empresa, "sem_vinculo", motivo)
    if servico not in vinculo.servicos:
        return Fora(empresa, "servico", _sem_servico(servico))
    if vinculo.autor != Autor.CONTRATANTE and partes_de(vinculo, empresa).autor != vinculo.credencial.contratante:
        return Fora(
            empresa,
            "autor",
            "O autor do pedido não é o contratante, e o termo de autorização assinado ainda não é enviado pelo Guichê. "
            "Troque o autor para Contratante na janela API Integra Contador.",
        )
    if impedimento := contexto.impedimento_da_credencial(vinculo):
        return Fora(empresa, "credencial", impedimento)
    pausa = contexto.pausas.get(vinculo.credencial.acesso)
    if pausa is not None:
        return Fora(empresa, "pausada", f"A credencial {vinculo.credencial} está pausada: {pausa}")
    if servico != Servico.PROCURACOES and (falta := _sem_procuracao(vinculo, empresa, contexto)):
        return Fora(empresa, "procuracao", falta)
    return vinculo


def acesso_de_uma(servico: Servico, empresa: Empresa, competencia: date) -> Vinculo | Fora:
    """The Vinculo through which one empresa is asked about, or why it cannot be."""
    return _acesso_ou_motivo(servico, empresa, _Contexto([empresa], competencia))


def _sem_procuracao(vinculo: Vinculo, empresa: Empresa, contexto: _Contexto) -> str:
    """Known from an earlier consulta only; what was never asked is not held against anyone."""
    procuracao = contexto.procuracoes.get((empresa.pk, partes_de(vinculo, empresa).autor))
    if procuracao is None or empresa.documento == vinculo.credencial.contratante:
        return ""
    quando = format_data(timezone.localdate(procuracao.consultada_em))
    if not procuracao.sistemas:
        return (
            f"Sem procuração em vigor, pela consulta de {quando}. Peça ao cliente o poder {PODER} no e-CAC e consulte "
            "de novo."
        )
    if procuracao.expira is not None and procuracao.expira < contexto.hoje:
        venceu = format_data(procuracao.expira)
        return f"A procuração venceu em {venceu}. Peça ao cliente que a renove no e-CAC e consulte de novo."
    return ""


@dataclass(frozen=True)
class _Item:
    empresa: Empresa
    contexto: _Contexto
    vinculo: Vinculo
    das_em_seguida: bool
    via_nova: bool

    @property
    def fatos(self) -> Fatos:
        return self.contexto.fatos[self.empresa.pk]

    @property
    def mes(self) -> str:
        return format_competencia(self.contexto.competencia)

    def fora(self, codigo: str, motivo: str) -> Fora:
        return Fora(self.empresa, codigo, motivo)

    def em_andamento(self) -> Fora | None:
        for tipo, _, situacao in self.contexto.operacoes[self.empresa.pk]:
            if tipo in TIPOS_DA_APURACAO and situacao in ABERTAS:
                dito = Situacao(situacao).label.lower()
                return self.fora("andamento", f"Há uma operação em andamento ({dito}). Espere que termine.")
        return None

    def nova(self, tipo: str, chave: str, pedido: Pedido) -> NovaOperacao:
        tentativa = self.contexto.tentativa(self.empresa.pk, chave)
        return NovaOperacao(
            tipo=tipo,
            chave=_chave(chave, tentativa),
            pedido={"partes": partes_para_json(partes_de(self.vinculo, self.empresa)), **pedido},
            acesso=self.vinculo.credencial.acesso,
            empresa_id=self.empresa.pk,
            competencia=self.contexto.competencia,
            prazo=self.contexto.prazo,
            revisao=tentativa,
            anterior_id=self.contexto.por_chave.get(_chave(chave, tentativa - 1)),
        )


def _chave(chave: str, tentativa: int) -> str:
    return chave if tentativa == 1 else f"{chave}:r{tentativa}"


def _apuracao_ou_motivo(item: _Item) -> Apuracao | Fora:
    """The Apuracao with something to declare, not transmitted and with nothing going on."""
    fatos = item.fatos
    if not fatos.informada or fatos.apuracao is None:
        return item.fora("sem_receita", f"Sem receita em {item.mes}. Informe as receitas ou marque sem movimento.")
    if fatos.apuracao.situacao == Apuracao.Situacao.TRANSMITIDA:
        motivo = f"A declaração {fatos.apuracao.id_declaracao} já foi transmitida. Para corrigir, abra uma retificação."
        return item.fora("transmitida", motivo)
    return item.em_andamento() or fatos.apuracao


def _montar_simulacao(item: _Item) -> NovaOperacao | Fora:
    apuracao = _apuracao_ou_motivo(item)
    if isinstance(apuracao, Fora):
        return apuracao
    if apuracao.total_simulado is not None:
        simulado = format_dinheiro(apuracao.total_simulado)
        return item.fora("ja_simulada", f"Já simulada com estas receitas ({simulado}). Confira e aprove.")
    pedido = _pedido_da_declaracao(item.fatos, apuracao)
    return item.nova(
        "guias.pgdasd.simular",
        f"pgdasd.simular:{item.empresa.pk}:{apuracao.competencia:%Y%m}:{_digest(pedido)}",
        pedido,
    )


def _montar_transmissao(item: _Item) -> NovaOperacao | Fora:
    apuracao = _apuracao_ou_motivo(item)
    if isinstance(apuracao, Fora):
        return apuracao
    if apuracao.situacao != Apuracao.Situacao.CONFERIDA:
        return item.fora("nao_conferida", "Os valores ainda não foram aprovados. Use Conferir e aprove.")
    pedido = _pedido_da_declaracao(item.fatos, apuracao) | {
        "comparar": apuracao.aprovado,
        "conhecidas": [apuracao.id_declaracao] if apuracao.id_declaracao else [],
        "emitir_das": item.das_em_seguida,
    }
    chave = f"pgdasd.transmitir:{item.empresa.pk}:{apuracao.competencia:%Y%m}:{apuracao.revisao}"
    return item.nova("guias.pgdasd.transmitir", chave, pedido)


def _pedido_da_declaracao(fatos: Fatos, apuracao: Apuracao) -> Pedido:
    return {
        "apuracao": apuracao.pk,
        "versao": apuracao.versao,
        "competencia": apuracao.competencia.isoformat(),
        "declaracao": declaracao_para_json(declaracao(fatos, retificadora=apuracao.retificadora)),
    }


def _digest(pedido: Pedido) -> str:
    return hashlib.sha256(json.dumps([pedido["versao"], pedido["declaracao"]], sort_keys=True).encode()).hexdigest()[
        :16
    ]


_DAS_EMITIDO = "O DAS já foi emitido. Para outra cópia, peça a 2ª via em Guias."


def _sem_das(total: Decimal) -> str:
    if not total:
        return "Sem valor a pagar: não há DAS a emitir."
    return "DAS abaixo de R$ 10,00: não se emite, o valor soma-se ao mês seguinte."


def _montar_das(item: _Item) -> NovaOperacao | Fora:
    apuracao = item.fatos.apuracao
    if apuracao is None or apuracao.situacao != Apuracao.Situacao.TRANSMITIDA:
        return item.fora("nao_transmitida", f"A declaração de {item.mes} ainda não foi transmitida. Transmita antes.")
    if not ha_das(apuracao.total_declarado or Decimal(0)):
        motivo = _sem_das(apuracao.total_declarado or Decimal(0))
        return item.fora("abaixo_do_minimo" if apuracao.total_declarado else "sem_valor", motivo)
    if parada := item.em_andamento():
        return parada
    emitidas = item.contexto.vias[apuracao.pk, apuracao.revisao]
    if emitidas and not item.via_nova:
        return item.fora("das_emitido", _DAS_EMITIDO)
    base = nova_operacao_das(
        apuracao,
        partes_de(item.vinculo, item.empresa),
        acesso=item.vinculo.credencial.acesso,
        via=emitidas + 1,
        consolidacao=item.contexto.consolidacao,
        prazo=item.contexto.prazo,
    )
    return item.nova(base.tipo, base.chave, base.pedido)


def _montar_procuracao(item: _Item) -> NovaOperacao | Fora:
    chave = f"procuracoes.consultar:{item.empresa.pk}:{item.contexto.hoje:%Y%m%d}"
    for tipo, outra, situacao in item.contexto.operacoes[item.empresa.pk]:
        if (
            tipo == "guias.procuracoes.consultar"
            and outra.startswith(chave)
            and situacao not in (Situacao.RECUSADA, Situacao.DESISTIDA)
        ):
            return item.fora("ja_consultada", "As procurações já foram consultadas hoje.")
    return item.nova("guias.procuracoes.consultar", chave, {"credencial": str(item.vinculo.credencial_id)})


_MONTAR: Mapping[Acao, Callable[[_Item], NovaOperacao | Fora]] = {
    Acao.SIMULAR: _montar_simulacao,
    Acao.TRANSMITIR: _montar_transmissao,
    Acao.EMITIR_DAS: _montar_das,
    Acao.PROCURACOES: _montar_procuracao,
}


class Mudou(Exception):
    """Between the pré-voo that was shown and the confirmation, what would run changed. Carries the new one."""

    def __init__(self, prevoo: Prevoo) -> None:
        super().__init__("changed")
        self.prevoo = prevoo


def _segurar(empresas: Iterable[int | None]) -> None:
    """Until the commit, no Avançar writes the Vinculos of these empresas: it locks the same rows, in the same order,
    before it looks for operações in course."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id FROM empresas_empresa WHERE id = ANY(%s) ORDER BY id FOR KEY SHARE",
            [[pk for pk in empresas if pk is not None]],
        )


def processar(
    acao: Acao,
    empresas: Iterable[Empresa],
    competencia: date,
    usuario: Usuario,
    *,
    marca: str,
    das_em_seguida: bool = False,
    via_nova: bool = False,
) -> Processamento:
    """Start the bulk run that was shown; `marca` is its Prevoo's. Raises Mudou when it is no longer the same."""
    todas = list(empresas)
    with transaction.atomic():
        _segurar(e.pk for e in todas)
        # The receitas are written under the same locks, so what is read here is what is sent.
        travadas = Apuracao.objects.filter(empresa__in=[e.pk for e in todas], competencia=competencia).order_by("pk")
        list(travadas.select_for_update().values_list("pk"))
        atual = prevoo(acao, todas, competencia, das_em_seguida=das_em_seguida, via_nova=via_nova)
        if atual.marca != marca or not atual.novas:
            raise Mudou(atual)
        criado = processamento.criar(
            tipo=DEFINICOES[acao].tipo,
            titulo=f"{atual.titulo} de {format_competencia(competencia)}",
            usuario=usuario,
            competencia=competencia,
            novas=atual.novas,
            fora=[(item.empresa.pk, item.codigo, item.motivo) for item in atual.fora],
            parametros={"acao": acao.value, "das_em_seguida": atual.das_em_seguida, "marca": marca},
        )
        # The forecast counts the DAS that follow each transmission too.
        criado.custo_previsto = atual.custo
        criado.save(update_fields=["custo_previsto"])
    return criado


@dataclass(frozen=True)
class Aprovacao:
    aprovadas: int
    fora: list[Fora]


class ValoresMudaram(Exception):
    """Between the figures that were shown and their approval, some changed; nothing was approved."""


def marca_dos_valores(apuracoes: Iterable[Apuracao]) -> str:
    """Changes when what an approval would pin does; the approval carries it."""
    partes = [
        [a.pk, a.versao, a.calculado, str(a.total_calculado), a.simulado, str(a.total_simulado)]
        for a in sorted(apuracoes, key=lambda apuracao: apuracao.pk)
    ]
    return hashlib.sha256(json.dumps(partes, sort_keys=True).encode()).hexdigest()[:24]


def aprovar(
    empresas: Iterable[Empresa],
    competencia: date,
    usuario: Usuario,
    *,
    diferentes: set[int],
    marca: str | None = None,
) -> Aprovacao:
    """Pin the values to transmit: what SERPRO simulated, else our own computation.

    An apuração whose two figures differ is approved only when its empresa is in `diferentes` (a person looked at it).
    `marca` is the `marca_dos_valores` of what the person was looking at, None when nobody was; raises ValoresMudaram
    when the stored figures are others.
    """
    por_pk = {empresa.pk: empresa for empresa in empresas}
    fora: list[Fora] = []
    aprovadas: list[Apuracao] = []
    with transaction.atomic():
        apuracoes = Apuracao.objects.filter(empresa__in=por_pk, competencia=competencia).order_by("pk")
        lidas = {apuracao.empresa_id: apuracao for apuracao in apuracoes.select_for_update()}
        for pk, empresa in por_pk.items():
            apuracao = lidas.get(pk)
            motivo = motivo_de_nao_aprovar(apuracao, usuario, conferida=pk in diferentes)
            if apuracao is None or motivo is not None:
                fora.append(Fora(empresa, *(motivo or ("sem_receita", "Sem receita informada."))))
                continue
            aprovadas.append(apuracao)
        if aprovadas and marca is not None and marca != marca_dos_valores(lidas.values()):
            raise ValoresMudaram
        for apuracao in aprovadas:
            _fixar(apuracao, usuario)
        Apuracao.objects.bulk_update(
            aprovadas, ["situacao", "aprovado", "total_aprovado", "conferida_por", "conferida_em"], batch_size=500
        )
        if aprovadas:
            auditoria.registrar(
                usuario=usuario,
                acao="guias.aprovar",
                objeto=f"competencia:{competencia:%Y-%m}",
                resumo=f"{len(aprovadas)} apurações de {format_competencia(competencia)} aprovadas",
                dados={"valores": {str(a.empresa_id): str(a.total_aprovado) for a in aprovadas[:2000]}},
            )
    return Aprovacao(len(aprovadas), fora)


def declarar_retificadora(apuracao: Apuracao, usuario: Usuario, retificadora: bool) -> None:
    """Say that the Receita already has a declaration of the period made elsewhere, which the next one replaces."""
    with transaction.atomic():
        travada = Apuracao.objects.select_for_update().get(pk=apuracao.pk)
        if (
            travada.situacao == Apuracao.Situacao.TRANSMITIDA
            or travada.id_declaracao
            or travada.retificadora is retificadora
        ):
            return
        travada.retificadora = retificadora
        travada.save(update_fields=["retificadora"])
        auditoria.registrar(
            usuario=usuario,
            acao="guias.retificadora",
            objeto=travada,
            resumo=f"{format_competencia(travada.competencia)} como {'retificadora' if retificadora else 'original'}",
        )


def motivo_de_nao_aprovar(apuracao: Apuracao | None, usuario: Usuario, *, conferida: bool) -> tuple[str, str] | None:
    """(code, pt-BR reason), None when the approval may go on."""
    if apuracao is None or not (apuracao.receita_total or apuracao.sem_movimento):
        return "sem_receita", "Sem receita na competência. Informe as receitas ou marque sem movimento."
    if apuracao.situacao == Apuracao.Situacao.TRANSMITIDA:
        return "transmitida", "A declaração já foi transmitida."
    if apuracao.situacao == Apuracao.Situacao.CONFERIDA:
        return "aprovada", "Já aprovada."
    if apuracao.total_simulado is None and (apuracao.total_calculado is None or apuracao.impedimento):
        return "sem_valores", f"Não calculada: {apuracao.impedimento} Informe o que falta ou simule."
    if settings.APURACAO_SEGUNDA_PESSOA and apuracao.preparada_por_id == usuario.pk:
        return "segunda_pessoa", "O escritório pede que outra pessoa aprove o que você preparou."
    if difere(apuracao) and not conferida:
        return "diferenca", "O valor simulado difere do calculado. Confira os tributos e marque a empresa para aprovar."
    return None


def difere(apuracao: Apuracao) -> bool:
    """Whether both figures exist and are not the same, tribute by tribute."""
    if apuracao.total_simulado is None or apuracao.total_calculado is None:
        return False
    return _sem_zeros(apuracao.simulado) != _sem_zeros(apuracao.calculado)


def _sem_zeros(valores: Mapping[str, str]) -> dict[str, Decimal]:
    return {codigo: Decimal(valor) for codigo, valor in valores.items() if Decimal(valor)}


def _fixar(apuracao: Apuracao, usuario: Usuario) -> None:
    simulada = apuracao.total_simulado is not None
    apuracao.aprovado = apuracao.simulado if simulada else apuracao.calculado
    apuracao.total_aprovado = apuracao.total_simulado if simulada else apuracao.total_calculado
    apuracao.situacao = Apuracao.Situacao.CONFERIDA
    apuracao.conferida_por, apuracao.conferida_em = usuario, timezone.now()


def repeticoes(operacoes: Sequence[Operacao], servico: Servico) -> dict[int, Repeticao | str]:
    """How each refused Operacao is tried again: what the apuração says now, through today's Vinculo, checked as in the
    pré-voo; else pt-BR words on why not. Inside a transaction, no Vinculo it relied on leaves before the commit."""
    resultado: dict[int, Repeticao | str] = {}
    por_mes: dict[date, list[Operacao]] = defaultdict(list)
    for operacao in operacoes:
        if operacao.competencia is not None and operacao.empresa_id is not None:
            por_mes[operacao.competencia].append(operacao)
    _segurar({operacao.empresa_id for lote in por_mes.values() for operacao in lote})
    for competencia, lote in por_mes.items():
        empresas = Empresa.objects.in_bulk({operacao.empresa_id for operacao in lote})
        contexto = _Contexto(list(empresas.values()), competencia)
        for operacao in lote:
            resultado[operacao.pk] = _repeticao(operacao, empresas[operacao.empresa_id or 0], contexto, servico)
    return resultado


def _repeticao(operacao: Operacao, empresa: Empresa, contexto: _Contexto, servico: Servico) -> Repeticao | str:
    vinculo = _acesso_ou_motivo(servico, empresa, contexto)
    if isinstance(vinculo, Fora):
        return vinculo.motivo
    if operacao.pedido.get("emitir_das") and Servico.DAS not in vinculo.servicos:
        return _sem_servico(Servico.DAS)
    pedido: Pedido | str = operacao.pedido
    if operacao.tipo in ("guias.pgdasd.simular", "guias.pgdasd.transmitir"):
        pedido = _declaracao_atual(operacao, contexto.fatos[empresa.pk])
    elif operacao.tipo == "guias.das.emitir":
        pedido = _das_atual(operacao, contexto)
    elif operacao.tipo == "guias.procuracoes.consultar":
        pedido = operacao.pedido | {"credencial": str(vinculo.credencial_id)}
    if isinstance(pedido, str):
        return pedido
    return Repeticao(pedido | {"partes": partes_para_json(partes_de(vinculo, empresa))}, vinculo.credencial.acesso)


def _declaracao_atual(operacao: Operacao, fatos: Fatos) -> Pedido | str:
    apuracao = fatos.apuracao
    if apuracao is None or not fatos.informada:
        return "A apuração não tem mais receita. Informe as receitas."
    if apuracao.situacao == Apuracao.Situacao.TRANSMITIDA:
        return "A declaração já foi transmitida."
    pedido: Pedido = operacao.pedido | _pedido_da_declaracao(fatos, apuracao)
    if "comparar" not in pedido:
        return pedido
    if apuracao.situacao != Apuracao.Situacao.CONFERIDA:
        return "Os valores mudaram e ainda não foram aprovados. Confira a apuração e transmita por ela."
    return pedido | {"comparar": apuracao.aprovado}


def _das_atual(operacao: Operacao, contexto: _Contexto) -> Pedido | str:
    apuracao, pedido = contexto.fatos[operacao.empresa_id or 0].apuracao, operacao.pedido
    if apuracao is None or apuracao.revisao != pedido["revisao"]:
        return "Há uma retificação depois deste pedido. Emita o DAS dela pela Apuração."
    if apuracao.situacao != Apuracao.Situacao.TRANSMITIDA or apuracao.total_declarado is None:
        return "A declaração não está transmitida. Transmita antes."
    if not ha_das(apuracao.total_declarado):
        return _sem_das(apuracao.total_declarado)
    if contexto.vias[apuracao.pk, apuracao.revisao] >= pedido["via"]:
        return _DAS_EMITIDO
    consolidacao = contexto.consolidacao
    atual: Pedido = pedido | {
        "versao": apuracao.versao,
        "consolidacao": consolidacao.isoformat() if consolidacao else None,
    }
    return atual
