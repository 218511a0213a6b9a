"""Through which credencial each company is asked about, or why it cannot be: read once for many, at zero cost."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cached_property
from uuid import UUID

from django.conf import settings
from django.db import connection, models
from django.db.models import Max, Q, Sum
from django.urls import reverse
from django.utils import timezone

from comum.formatos import format_data
from comum.models import Adicional
from credentials.models import Autor, Credencial, Servico, Vinculo
from credentials.services.acesso import impedimento_de
from credentials.services.termos import impedimento_do_autor
from empresas.models import Empresa
from guias.models import TIPOS_DA_APURACAO, Guia, Procuracao
from guias.providers.interface import Partes
from guias.services.andamento import transmissoes_antes
from guias.services.das import prazo_das
from guias.services.dia_de_pagar import dia_proposto
from guias.services.fatos import carregar
from guias.services.poderes import DO_GRUPO, ate_quando, nomes
from operacoes.models import Operacao, Pausa, Situacao
from operacoes.processamentos.criacao import motivo_comum


class Codigo(models.TextChoices):
    """Why an empresa is left out. The label is said of several of them whose reasons are not told in the same words."""

    ADICIONAL = "adicional", "Falta um adicional."
    SEM_VINCULO = "sem_vinculo", "Não estão em nenhuma credencial."
    SERVICO = "servico", "Falta um serviço no vínculo."
    AUTOR = "autor", "O autor do pedido não pode assinar o termo de autorização."
    CREDENCIAL = "credencial", "A credencial não pode ser usada."
    PAUSADA = "pausada", "A credencial está pausada."
    PROCURACAO = "procuracao", "Falta procuração em vigor."
    ANDAMENTO = "andamento", "Há uma operação em andamento."
    SEM_RECEITA = "sem_receita", "Sem receita na competência."
    SEM_VALORES = "sem_valores", "Não calculadas: falta informação."
    EXIGE_SIMULACAO = "exige_simulacao", "É preciso simular de novo."
    DIFERENCA = "diferenca", "O valor simulado difere do calculado."
    SEGUNDA_PESSOA = "segunda_pessoa", "Outra pessoa precisa aprovar."
    APROVADA = "aprovada", "Já aprovadas."
    NAO_CONFERIDA = "nao_conferida", "Os valores ainda não foram aprovados."
    NAO_SIMULADA = "nao_simulada", "Ainda não simuladas."
    JA_SIMULADA = "ja_simulada", "Já simuladas com estas receitas."
    TRANSMITIDA = "transmitida", "A declaração já foi transmitida."
    NAO_TRANSMITIDA = "nao_transmitida", "A declaração ainda não foi transmitida."
    ABAIXO_DO_MINIMO = "abaixo_do_minimo", "DAS abaixo de R$ 10,00."
    SEM_VALOR = "sem_valor", "Sem valor a pagar."
    DAS_EMITIDO = "das_emitido", "O DAS já foi emitido."
    JA_CONSULTADA = "ja_consultada", "Já consultadas hoje."
    REGIME = "regime", "O serviço não é deste regime."
    DADOS = "dados", "Falta informação."
    GUIA_EMITIDA = "guia_emitida", "A guia já foi emitida."
    PAGA = "paga", "Já está paga."
    DIVIDA_ATIVA = "divida_ativa", "Está em dívida ativa."
    SEM_NOVIDADE = "sem_novidade", "Sem novidade desde a última busca."
    TETO = "teto", "O teto de custo do período não comporta mais chamadas."
    JA_CONSTA = "ja_consta", "Já consta assim na Receita."
    SEM_NOVAS = "sem_novas", "Sem mensagens novas."
    JA_FEITA = "ja_feita", "Já está feita."


@dataclass(frozen=True)
class Fora:
    """An empresa the run leaves out: `codigo` gathers the reasons of one kind, `motivo` says why and what to do."""

    empresa: Empresa
    codigo: Codigo
    motivo: str


def grupos(fora: Iterable[Fora]) -> list[tuple[str, list[Fora]]]:
    """Left out, by reason, the most frequent first."""
    por_codigo: dict[Codigo, list[Fora]] = defaultdict(list)
    for item in fora:
        por_codigo[item.codigo].append(item)
    ordenados = sorted(por_codigo.values(), key=lambda itens: -len(itens))
    return [(motivo_comum((i.motivo for i in itens), str(itens[0].codigo.label)), itens) for itens in ordenados]


def sem_adicional() -> str:
    """Why nothing can be asked of Integra Contador for want of the add-on, and who mends it; empty where it is there.
    An Operacao made without it would wait in the queue and say nothing."""
    adicional = Adicional.objects.get(pk=Adicional.INTEGRA_CONTADOR)
    if adicional.ativo:
        return ""
    return f"O adicional {adicional} não está contratado, e nada é pedido sem ele. Quem ativa: {adicional.quem_ativa}."


_CERTIFICADOS = ("credencial__certificado", "procurador_certificado")
_SEM_EFEITO = (Situacao.RECUSADA, Situacao.DESISTIDA)


class Acessos:
    """What the checks of any pré-voo look at, read once for all the empresas: through which credencial, with which
    powers, and the Operacoes of `tipos` of the competência, or asked today under a key with the day."""

    def __init__(self, empresas: Sequence[Empresa], competencia: date, tipos: Iterable[str] = ()) -> None:
        pks = [empresa.pk for empresa in empresas]
        self.competencia = competencia
        self.hoje = timezone.localdate()
        vinculos = Vinculo.objects.filter(empresa__in=pks).select_related(
            "credencial__certificado", "procurador_certificado", "empresa"
        )
        vinculos = vinculos.defer(*(f"{nome}__{campo}" for nome in _CERTIFICADOS for campo in ("pfx", "senha")))
        self.vinculos = {vinculo.empresa_id: vinculo for vinculo in vinculos}
        self.pausas = dict(Pausa.objects.values_list("acesso", "motivo"))
        self.procuracoes = {(p.empresa_id, p.outorgado): p for p in Procuracao.objects.filter(empresa__in=pks)}
        self.sem_adicional = sem_adicional()
        self.impedimentos: dict[object, str] = {}
        lidas = Operacao.objects.filter(self._quais(), tipo__in=list(tipos), empresa__in=pks)
        self.operacoes: dict[int, list[tuple[str, str, str]]] = defaultdict(list)
        self.por_chave: dict[str, int] = {}
        campos = ("pk", "empresa", "tipo", "chave", "situacao")
        for pk, empresa, tipo, chave, situacao in lidas.order_by("pk").values_list(*campos):
            if empresa is not None:
                self.operacoes[empresa].append((tipo, chave, situacao))
                self.por_chave[chave] = pk

    def _quais(self) -> Q:
        """Which Operacoes count. What is of no month: whoever asked today, in any competência, has asked."""
        return Q(competencia=self.competencia) | Q(chave__contains=f":{self.hoje:%Y%m%d}")

    @property
    def prazo(self) -> date:
        """By when what is asked is due at law, which orders the queue."""
        return date.max

    @cached_property
    def dia_de_pagar(self) -> date:
        """The day of payment of what is overdue, where nobody chose one."""
        return dia_proposto(self.hoje)

    def impedimento_da_credencial(self, vinculo: Vinculo) -> str:
        credencial = vinculo.credencial
        if credencial.pk not in self.impedimentos:
            self.impedimentos[credencial.pk] = _impedimento(credencial)
        return self.impedimentos[credencial.pk]

    def precisa_de_procuracao(self, vinculo: Vinculo, empresa: Empresa) -> bool:
        """False for who asks in its own name."""
        return partes_de(vinculo, empresa).autor != empresa.documento

    def procuracao(self, vinculo: Vinculo, empresa: Empresa) -> Procuracao | None:
        """What the last consulta told of the powers of whoever asks through the Vinculo; None where it needs none, or
        was never asked."""
        if not self.precisa_de_procuracao(vinculo, empresa):
            return None
        return self.procuracoes.get((empresa.pk, partes_de(vinculo, empresa).autor))

    def tentativa(self, empresa: int, chave: str) -> int:
        """Number of the next intent under a key: one more than those refused or given up."""
        return 1 + sum(situacao in _SEM_EFEITO for situacao in self._sob(empresa, chave))

    def feita(self, empresa: int, chave: str) -> bool:
        """Whether the intent of a key was asked and neither refused nor given up."""
        return any(situacao not in _SEM_EFEITO for situacao in self._sob(empresa, chave))

    def concluida(self, empresa: int, chave: str) -> bool:
        """Whether what was asked under a key came, be it without a Guia of its own."""
        return Situacao.CONCLUIDA in self._sob(empresa, chave)

    def _sob(self, empresa: int, chave: str) -> Iterator[str]:
        """The situações of an intent's Operacoes: the first and those that tried it again."""
        for _, outra, situacao in self.operacoes[empresa]:
            if outra == chave or outra.startswith(f"{chave}:r"):
                yield situacao


class Contexto(Acessos):
    """With the receitas, the apuração and the DAS of each empresa."""

    def __init__(self, empresas: Sequence[Empresa], competencia: date, tipos: Iterable[str] = ()) -> None:
        super().__init__(empresas, competencia, (*TIPOS_DA_APURACAO, *tipos))
        self.fatos = carregar(empresas, competencia)
        self.transmissoes_antes = transmissoes_antes([empresa.pk for empresa in empresas], competencia)
        # By apuração and revision: the last copy drawn, and the day on which one of them was paid.
        do_mes = Guia.objects.filter(apuracao__empresa__in=[e.pk for e in empresas], competencia=competencia)
        pago = Sum("principal", filter=Q(paga_em__isnull=False), default=Decimal(0))
        vias = do_mes.order_by().values_list("apuracao", "revisao")
        self.vias: dict[tuple[int | None, int], int] = {}
        self.pagas: dict[tuple[int | None, int], date] = {}
        self.pagos: dict[int | None, Decimal] = defaultdict(Decimal)  # principal of all its revisions, in reais
        for pk, revisao, via, paga, valor in vias.annotate(ultima=Max("via"), paga=Max("paga_em"), pago=pago):
            self.vias[pk, revisao] = via
            self.pagos[pk] += valor
            if paga is not None:
                self.pagas[pk, revisao] = paga
        self._prazo = prazo_das(competencia)

    @property
    def prazo(self) -> date:
        return self._prazo


class ContextoDeMeses(Acessos):
    """With a Contexto of each month that is asked for, read once."""

    def __init__(self, empresas: Sequence[Empresa], competencia: date, tipos: Iterable[str] = ()) -> None:
        super().__init__(empresas, competencia, tipos)
        self._empresas = list(empresas)
        self._meses: dict[date, Contexto] = {}

    def do_mes(self, mes: date) -> Contexto:
        if mes not in self._meses:
            self._meses[mes] = Contexto(self._empresas, mes)
        return self._meses[mes]


def _impedimento(credencial: Credencial) -> str:
    if not credencial.ativa:
        return f"A credencial {credencial} está inativa. Reative-a na tabela 102."
    return "" if settings.INTEGRA_CONTADOR.bearer_publico else impedimento_de(credencial)


def credenciais_em_uso() -> list[Credencial]:
    """Those through which a call can be made now: nothing missing or expired, and not paused."""
    pausadas = set(Pausa.objects.values_list("acesso", flat=True))
    ativas = Credencial.objects.filter(ativa=True).select_related("certificado")
    return [
        credencial
        for credencial in ativas.defer("certificado__pfx", "certificado__senha")
        if credencial.acesso not in pausadas and not _impedimento(credencial)
    ]


def credenciais_em_uso_pks() -> list[UUID]:
    return [credencial.pk for credencial in credenciais_em_uso()]


def chave_da_tentativa(chave: str, tentativa: int) -> str:
    return chave if tentativa == 1 else f"{chave}:r{tentativa}"


def partes_de(vinculo: Vinculo, empresa: Empresa) -> Partes:
    contratante = vinculo.credencial.contratante
    autores = {
        Autor.CONTRATANTE: contratante,
        Autor.PROCURADOR: vinculo.procurador,
        Autor.CONTRIBUINTE: empresa.documento,
    }
    return Partes(contratante, autores[Autor(vinculo.autor)], empresa.documento)


def sem_servico(servico: Servico) -> str:
    return f"O serviço {servico.label} não está habilitado no vínculo. Habilite-o na janela API Integra Contador."


def acesso_ou_motivo(
    servico: Servico,
    empresa: Empresa,
    contexto: Acessos,
    poderes: frozenset[str] | None = None,
    *,
    do_contratante: bool = False,
) -> Vinculo | Fora:
    """The Vinculo to call through, or why there is no call to make. `poderes`: the alternative powers that open the
    service, where they are not those of its whole group. `do_contratante`: the contratante asks in its own name, and
    the autor of the Vinculo does not matter."""
    if contexto.sem_adicional:
        return Fora(empresa, Codigo.ADICIONAL, contexto.sem_adicional)
    vinculo = contexto.vinculos.get(empresa.pk)
    if vinculo is None:
        motivo = "Não está em nenhuma credencial. Inclua a empresa na janela API Integra Contador."
        return Fora(empresa, Codigo.SEM_VINCULO, motivo)
    if servico not in vinculo.servicos:
        return Fora(empresa, Codigo.SERVICO, sem_servico(servico))
    if not do_contratante and (motivo := impedimento_do_autor(vinculo)):
        return Fora(empresa, Codigo.AUTOR, motivo)
    if impedimento := contexto.impedimento_da_credencial(vinculo):
        return Fora(empresa, Codigo.CREDENCIAL, impedimento)
    pausa = contexto.pausas.get(vinculo.credencial.acesso)
    if pausa is not None:
        return Fora(empresa, Codigo.PAUSADA, f"A credencial {vinculo.credencial} está pausada: {pausa}")
    pedidos = exigidos(servico, poderes)
    if pedidos and (falta := _sem_procuracao(vinculo, empresa, contexto, pedidos)):
        return Fora(empresa, Codigo.PROCURACAO, falta)
    return vinculo


def exigidos(servico: Servico, poderes: frozenset[str] | None = None) -> frozenset[str]:
    """The alternative powers that open a service; empty where it asks for none."""
    return DO_GRUPO.get(servico, frozenset()) if poderes is None else poderes


def acesso_de_uma(servico: Servico, empresa: Empresa, competencia: date) -> Vinculo | Fora:
    """The Vinculo through which one empresa is asked about, or why it cannot be."""
    return acesso_ou_motivo(servico, empresa, Acessos([empresa], competencia))


def sem_acesso(servico: Servico, empresas: Sequence[Empresa], competencia: date) -> dict[int, Fora]:
    """Those that cannot be asked about, by id of the empresa."""
    if not empresas:
        return {}
    contexto = Acessos(empresas, competencia)
    vistos = [acesso_ou_motivo(servico, empresa, contexto) for empresa in empresas]
    return {item.empresa.pk: item for item in vistos if isinstance(item, Fora)}


def onde_resolver(fora: Fora) -> tuple[str, str]:
    """(label, address) of where the access is mended; empty where it is not here."""
    if fora.codigo in (Codigo.CREDENCIAL, Codigo.PAUSADA):
        return "Ver credenciais", reverse("credenciais:lista")
    if fora.codigo in (Codigo.PROCURACAO, Codigo.ADICIONAL):
        return "", ""
    return "Abrir a janela", reverse("janela:abrir")


def _sem_procuracao(vinculo: Vinculo, empresa: Empresa, contexto: Acessos, poderes: frozenset[str]) -> str:
    """Known from an earlier consulta only; what was never asked is a warning (guias.services.avisos)."""
    procuracao = contexto.procuracao(vinculo, empresa)
    if procuracao is None:
        return ""
    quando = format_data(timezone.localdate(procuracao.consultada_em))
    vale_ate, poder = ate_quando(procuracao.validades, poderes), nomes(poderes)
    if vale_ate is None:
        falta = "A procuração não basta" if procuracao.sistemas else "Sem procuração em vigor"
        return f"{falta}, pela consulta de {quando}. Peça ao cliente o poder {poder} no e-CAC e consulte de novo."
    if vale_ate < contexto.hoje:
        venceu = format_data(vale_ate)
        return f"O poder {poder} venceu em {venceu}. Peça ao cliente que o renove no e-CAC e consulte de novo."
    return ""


def segurar(empresas: Iterable[int | None]) -> None:
    """Until the commit, no Avançar writes the Vinculos of these empresas: it locks the same rows, in the same order,
    before it looks for operações in course."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id FROM empresas_empresa WHERE id = ANY(%s) ORDER BY id FOR KEY SHARE",
            [[pk for pk in empresas if pk is not None]],
        )
