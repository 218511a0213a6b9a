"""What a person should look at before a run goes, and that stops nobody: told by the pré-voo, at no cost."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from django.utils import timezone

from comum.formatos import contar, format_competencia, format_data, format_dinheiro
from empresas.calendario import somar_meses
from empresas.models import Empresa
from guias.models import Apuracao, Guia
from guias.services import maed, retificacao
from guias.services.acesso import Acessos, Contexto
from guias.services.aprovacao import difere
from guias.services.dia_de_pagar import sem_banco
from guias.services.fatos import Fatos
from guias.services.poderes import ate_quando, nomes
from operacoes.motor import NovaOperacao


@dataclass(frozen=True)
class Aviso:
    """One warning (pt-BR) with the empresas it is of, and what is said of each."""

    codigo: str
    texto: str
    itens: list[tuple[Empresa, str]] = field(default_factory=list)

    @property
    def quantas(self) -> int:
        return len(self.itens)

    @property
    def por_consultar(self) -> str:
        """The keys of the empresas whose procurações a person may ask about first, for the field of a form."""
        return ",".join(str(empresa.pk) for empresa, _ in self.itens) if self.codigo == NUNCA_CONSULTADA else ""


def de(prontas: Sequence[Empresa], contexto: Contexto) -> list[Aviso]:
    """The warnings of the empresas that would go, the ones with money first."""
    fatos = [contexto.fatos[empresa.pk] for empresa in prontas]
    avisos = [aviso for aviso in (*_multa(fatos, contexto), *_iguais(fatos), *_sem_calculo(fatos)) if aviso.itens]
    return avisos + retificadoras([(lidos.empresa, lidos.apuracao) for lidos in fatos if lidos.apuracao is not None])


def dias_sem_banco(prontas: Sequence[Empresa], pedidos: Iterable[tuple[int, date, date]]) -> list[Aviso]:
    """Of (empresa, day of payment, due date), those asked for a day on which no bank works."""
    empresas, hoje = {empresa.pk: empresa for empresa in prontas}, timezone.localdate()
    por_dias: dict[tuple[date, date], list[int]] = defaultdict(list)
    for pk, dia, vencimento in pedidos:
        por_dias[dia, vencimento].append(pk)
    ditos = [(sem_banco(*dias, hoje), pks) for dias, pks in sorted(por_dias.items())]
    return [Aviso("dia_sem_banco", dito, [(empresas[pk], "") for pk in pks]) for dito, pks in ditos if dito]


def _multa(fatos: list[Fatos], contexto: Contexto) -> Iterator[Aviso]:
    apuracoes = [lidos.apuracao for lidos in fatos if lidos.apuracao is not None]
    multas = {m.apuracao.empresa_id: m.valor for m in maed.previstas(apuracoes, contexto.prazo, contexto.hoje)}
    total = sum(multas.values(), Decimal(0))
    dito = contar(len(multas), "declaração em atraso gera multa", "declarações em atraso geram multa")
    texto = (
        f"{dito} (MAED) de {format_dinheiro(total)}: 2 % dos tributos por mês ou fração, até 20 %, no mínimo R$ 50,00 "
        "cada. O DARF vem com a transmissão."
    )
    itens = [
        (lidos.empresa, format_dinheiro(multas[lidos.empresa.pk])) for lidos in fatos if lidos.empresa.pk in multas
    ]
    yield Aviso("maed", texto, itens)


def _iguais(fatos: list[Fatos]) -> Iterator[Aviso]:
    """Revenue of exactly what the month before had: often a sheet that was copied and not corrected."""
    itens = []
    for lidos in fatos:
        antes, agora = lidos.meses.get(somar_meses(lidos.competencia, -1)), lidos.por_competencia
        if agora is None or antes is None or antes.interno is None or not agora.total:
            continue
        if (antes.interno, antes.externo or Decimal(0)) == (agora.interno, agora.externo):
            itens.append((lidos.empresa, format_dinheiro(agora.total)))
    mes = format_competencia(somar_meses(fatos[0].competencia, -1)) if fatos else ""
    quantas = contar(len(itens), "empresa tem", "empresas têm")
    yield Aviso("igual", f"{quantas} a mesma receita de {mes}, até o centavo. Confira se o mês foi mesmo igual.", itens)


def _sem_calculo(fatos: list[Fatos]) -> Iterator[Aviso]:
    itens = [
        (lidos.empresa, lidos.apuracao.impedimento)
        for lidos in fatos
        if lidos.apuracao is not None and lidos.apuracao.impedimento
    ]
    quantas = contar(len(itens), "empresa não tem", "empresas não têm")
    yield Aviso("sem_calculo", f"{quantas} o nosso cálculo para comparar com o da Receita.", itens)


def retificadoras(apuracoes: Sequence[tuple[Empresa, Apuracao]]) -> list[Aviso]:
    """Of one competência: those that replace a declaration, and which of them would say the same again."""
    substituem = [(empresa, apuracao) for empresa, apuracao in apuracoes if apuracao.retificadora]
    if not substituem:
        return []
    um, muitos = "é declaração retificadora, e substitui", "são declarações retificadoras: cada uma substitui"
    texto = f"{contar(len(substituem), um, muitos)} a que a Receita já tem do mês."
    itens = [
        (empresa, f"substitui a {a.id_declaracao}" if a.id_declaracao else "a anterior foi feita fora do Guichê")
        for empresa, a in substituem
    ]
    avisos = [Aviso("retificadora", texto, itens)]
    iguais = retificacao.sem_mudanca(substituem)
    if iguais:
        dito = contar(len(iguais), "retificadora tem", "retificadoras têm")
        texto = (
            f"{dito} as mesmas receitas e os mesmos tributos: nada muda em relação à declaração transmitida. Confira "
            "se a correção já foi digitada."
        )
        avisos.append(Aviso("sem_mudanca", texto, [(empresa, "") for empresa, _ in substituem if empresa.pk in iguais]))
    return avisos


def ja_simuladas(prontas: Sequence[Empresa], contexto: Acessos, _: Mapping[str, str]) -> list[Aviso]:
    """Those whose simulation gave other values than ours, which it may do again."""
    assert isinstance(contexto, Contexto)  # noqa: S101 - of whoever simulates
    itens = [
        (empresa, f"a Receita deu {format_dinheiro(apuracao.total_simulado)}")
        for empresa in prontas
        if (apuracao := contexto.fatos[empresa.pk].apuracao) is not None
        and apuracao.total_simulado is not None
        and difere(apuracao)
    ]
    quantas = contar(len(itens), "empresa já foi simulada e deu", "empresas já foram simuladas e deram")
    texto = f"{quantas} valor diferente do nosso. Simule de novo só se algo mudou na Receita: cada chamada é cobrada."
    return [Aviso("ja_simulada", texto, itens)] if itens else []


SUBSTITUI = "substitui"


def substituidas(prontas: Sequence[Empresa], novas: Sequence[tuple[NovaOperacao, str]]) -> list[Aviso]:
    """The guias still to be paid in whose place those asked for come, each with the name of what it pays."""
    dividas = {divida for _, divida in novas}
    if not dividas:
        return []
    vivas = {guia.divida: guia for guia in Guia.objects.filter(divida__in=dividas).por_pagar()}
    # What a DCTFWeb still asks for after a payment stands under the same dívida with a number of its own.
    seguintes = Guia.objects.filter(tipo=Guia.Tipo.DARF_DCTFWEB, divida__contains="#", empresa__in=prontas).por_pagar()
    vivas |= {primeira: guia for guia in seguintes if (primeira := guia.divida.partition("#")[0]) in dividas}
    empresas = {empresa.pk: empresa for empresa in prontas}
    itens = [
        (empresas[nova.empresa_id or 0], f"no lugar de: {_dita(vivas[divida])}")
        for nova, divida in novas
        if divida in vivas
    ]
    dito = contar(len(itens), "guia por pagar será substituída", "guias por pagar serão substituídas")
    texto = f"{dito}: depois de emitir, só a nova é para pagar. Avise quem já recebeu a outra."
    return [Aviso(SUBSTITUI, texto, itens)] if itens else []


def _dita(guia: Guia) -> str:
    vence = f"vencimento {format_data(guia.vencimento)}"
    if guia.limite != guia.vencimento:
        vence += f", para pagar até {format_data(guia.limite)}"
    return f"{guia.nome} {guia.numero} de {guia.do_periodo}, {format_dinheiro(guia.total)}, {vence}"


NUNCA_CONSULTADA = "procuracao_nunca"


def dos_acessos(novas: Iterable[NovaOperacao], contexto: Acessos, poderes: frozenset[str]) -> list[Aviso]:
    """What may stop these calls though nothing does now: an access that ends before what is asked is due, a procuração
    that nobody asked about. `poderes`: the alternative powers that open the service, empty where it needs none."""
    prazos: dict[int, list[date]] = defaultdict(list)
    for nova in novas:
        if nova.empresa_id is not None:
            prazos[nova.empresa_id].append(nova.prazo)
    return [*_certificados(prazos, contexto), *_procuracoes(prazos, contexto, poderes)]


def _vencimentos(prazos: Iterable[date]) -> str:
    """ "antes do vencimento (20/11/2026)", or of the first of several."""
    distintos = sorted(set(prazos))
    primeiro = format_data(distintos[0])
    return (
        f"antes do vencimento ({primeiro})" if len(distintos) == 1 else f"antes do vencimento (a partir de {primeiro})"
    )


def _certificados(prazos: Mapping[int, list[date]], contexto: Acessos) -> Iterator[Aviso]:
    """The certificates that these calls depend on and that end before the due date: a repeat would not get through."""
    usados: dict[str, dict[Empresa, list[date]]] = defaultdict(dict)
    for pk, seus in prazos.items():
        vinculo = contexto.vinculos[pk]
        for de_quem, certificado in (
            (f"da credencial {vinculo.credencial}", vinculo.credencial.certificado),
            ("do procurador", vinculo.procurador_certificado),
        ):
            if certificado is None:
                continue
            fim = timezone.localdate(certificado.valido_ate)
            if depois := [prazo for prazo in seus if fim < prazo < date.max]:
                usados[f"O certificado {de_quem} vence em {format_data(fim)}"][vinculo.empresa] = depois
    for dito, empresas in usados.items():
        quando = _vencimentos(prazo for depois in empresas.values() for prazo in depois)
        yield Aviso("certificado", f"{dito}, {quando}. Renove-o antes.", [(empresa, "") for empresa in empresas])


def _procuracoes(prazos: Mapping[int, list[date]], contexto: Acessos, poderes: frozenset[str]) -> Iterator[Aviso]:
    nunca: list[tuple[Empresa, str]] = []
    vencem: list[tuple[Empresa, str]] = []
    quando: list[date] = []
    for pk, seus in prazos.items() if poderes else ():
        vinculo = contexto.vinculos[pk]
        if not contexto.precisa_de_procuracao(vinculo, vinculo.empresa):
            continue
        procuracao = contexto.procuracao(vinculo, vinculo.empresa)
        if procuracao is None:
            nunca.append((vinculo.empresa, ""))
            continue
        ate = ate_quando(procuracao.validades, poderes)
        if ate is not None and (depois := [prazo for prazo in seus if ate < prazo < date.max]):
            vencem.append((vinculo.empresa, f"vence em {format_data(ate)}"))
            quando += depois
    if nunca:
        dito = contar(
            len(nunca), "empresa com a procuração nunca consultada", "empresas com a procuração nunca consultada"
        )
        texto = f"{dito}: não se sabe se deram o poder {nomes(poderes)}. Sem ele, a Receita recusa."
        yield Aviso(NUNCA_CONSULTADA, texto, nunca)
    if vencem:
        dito = contar(len(vencem), "procuração vence", "procurações vencem")
        texto = f"{dito} {_vencimentos(quando)}: o poder {nomes(poderes)}. Peça ao cliente que o renove no e-CAC antes."
        yield Aviso("procuracao_vence", texto, vencem)
