"""What a person should look at before a declaration goes, and that stops nobody: told by the pré-voo, at no cost."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from django.utils import timezone

from comum.formatos import contar, format_competencia, format_data, format_dinheiro
from empresas.calendario import somar_meses
from empresas.models import Empresa
from guias.services import maed
from guias.services.acesso import Acessos, Contexto
from guias.services.fatos import Fatos
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


def de(prontas: Sequence[Empresa], contexto: Contexto) -> list[Aviso]:
    """The warnings of the empresas that would go, the ones with money first."""
    fatos = [contexto.fatos[empresa.pk] for empresa in prontas]
    return [aviso for aviso in (*_multa(fatos, contexto), *_iguais(fatos), *_sem_calculo(fatos)) if aviso.itens]


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


def certificados(novas: Iterable[NovaOperacao], contexto: Acessos) -> list[Aviso]:
    """The certificates that these calls depend on and that end before the due date: a repeat would not get through."""
    if contexto.prazo == date.max:
        return []
    usados: dict[str, dict[Empresa, str]] = defaultdict(dict)
    for nova in novas:
        vinculo = contexto.vinculos[nova.empresa_id or 0]
        for de_quem, certificado in (
            (f"da credencial {vinculo.credencial}", vinculo.credencial.certificado),
            ("do procurador", vinculo.procurador_certificado),
        ):
            if certificado is not None and timezone.localdate(certificado.valido_ate) < contexto.prazo:
                vence = format_data(timezone.localtime(certificado.valido_ate))
                usados[f"O certificado {de_quem} vence em {vence}"][vinculo.empresa] = ""
    prazo = format_data(contexto.prazo)
    return [
        Aviso("certificado", f"{dito}, antes do vencimento ({prazo}). Renove-o antes.", list(empresas.items()))
        for dito, empresas in usados.items()
    ]
