"""Through which credencial each company is asked about, or why it cannot be: read once for many, at zero cost."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from django.conf import settings
from django.db import connection
from django.utils import timezone

from comum.formatos import format_data
from credentials.models import Autor, Servico, Vinculo
from credentials.services.acesso import impedimento_de
from empresas.models import Empresa
from guias.models import TIPOS_DA_APURACAO, Guia, Procuracao
from guias.providers.interface import Partes
from guias.services.das import prazo_das
from guias.services.fatos import carregar
from operacoes.models import Operacao, Pausa, Situacao

PODER = "00146"  # e-CAC power for PGDAS-D


@dataclass(frozen=True)
class Fora:
    """An empresa the run leaves out: `codigo` gathers equal reasons, `motivo` says why and what to do (pt-BR)."""

    empresa: Empresa
    codigo: str
    motivo: str


class Contexto:
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


def acesso_ou_motivo(servico: Servico, empresa: Empresa, contexto: Contexto) -> Vinculo | Fora:
    """The Vinculo to call through, or why there is no call to make."""
    vinculo = contexto.vinculos.get(empresa.pk)
    if vinculo is None:
        motivo = "Não está em nenhuma credencial. Inclua a empresa na janela API Integra Contador."
        return Fora(empresa, "sem_vinculo", motivo)
    if servico not in vinculo.servicos:
        return Fora(empresa, "servico", sem_servico(servico))
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
    return acesso_ou_motivo(servico, empresa, Contexto([empresa], competencia))


def motivos_sem_acesso(servico: Servico, empresas: Sequence[Empresa], competencia: date) -> dict[int, str]:
    """Why these cannot be asked about (pt-BR), by id of the empresa; those that can are left out."""
    if not empresas:
        return {}
    contexto = Contexto(empresas, competencia)
    vistos = [acesso_ou_motivo(servico, empresa, contexto) for empresa in empresas]
    return {item.empresa.pk: item.motivo for item in vistos if isinstance(item, Fora)}


def _sem_procuracao(vinculo: Vinculo, empresa: Empresa, contexto: Contexto) -> str:
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


def segurar(empresas: Iterable[int | None]) -> None:
    """Until the commit, no Avançar writes the Vinculos of these empresas: it locks the same rows, in the same order,
    before it looks for operações in course."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id FROM empresas_empresa WHERE id = ANY(%s) ORDER BY id FOR KEY SHARE",
            [[pk for pk in empresas if pk is not None]],
        )
