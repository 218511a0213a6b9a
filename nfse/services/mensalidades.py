"""The notes of the recurring contracts: what a competência still lacks, and the drafts of it, once each."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from uuid import UUID

from django.db import transaction

from comum.auditoria import registrar
from comum.formatos import contar, format_competencia, format_dinheiro
from comum.models import Usuario
from nfse.models import Contrato, Nota
from nfse.services import exigencias
from nfse.services.contratos import data_de_emissao
from nfse.services.notas import DadosNota, item_do_servico
from nfse.services.rascunhos import gravar_montadas, montar
from nfse.services.validacao import Contexto, Problema, problemas

PREFIXO = "contrato:"
_COM_TUDO = ("empresa__municipio", "tomador__municipio", "servico__item_lc116", "servico__cnae")


def referencia(contrato: UUID, competencia: date) -> str:
    """The name of a contrato's note of a month: an empresa has it once, whoever asks again."""
    return f"{PREFIXO}{contrato}:{competencia:%Y%m}"


@dataclass(frozen=True)
class Mensalidade:
    """A contrato in a competência. `nota`: the one it has already. `valor` None: not known for this month.
    `impedimento`: why there can be no draft (pt-BR). `problemas`: what the pré-voo would say of the draft."""

    contrato: Contrato
    emissao: date
    valor: Decimal | None
    nota: Nota | None = None
    impedimento: str = ""
    problemas: Sequence[Problema] = ()


def mensalidades(
    contratos: Sequence[Contrato], competencia: date, usuario: Usuario, *, emissao: date | None = None
) -> list[Mensalidade]:
    """How each contrato stands in the month, in a constant number of queries. `contratos` as contratos.vigentes() gives
    them; `emissao` the date of all of them, else each has its own day."""
    notas = _ja_geradas(contratos, competencia)
    contexto = Contexto({contrato.empresa_id: contrato.empresa for contrato in contratos}.values())
    return [
        _mensalidade(contrato, competencia, emissao, notas.get(contrato.pk), contexto, usuario)
        for contrato in contratos
    ]


def _mensalidade(
    contrato: Contrato,
    competencia: date,
    emissao: date | None,
    nota: Nota | None,
    contexto: Contexto,
    usuario: Usuario,
) -> Mensalidade:
    quando, valor = emissao or data_de_emissao(contrato, competencia), contrato.valor_na(competencia)
    if nota is not None:
        return Mensalidade(contrato, nota.emissao, valor, nota)
    dados = _dados(contrato, competencia, quando)
    if isinstance(dados, str):
        return Mensalidade(contrato, quando, valor, impedimento=dados)
    ((esboco, itens),) = montar([dados], usuario, contexto.rotas)
    return Mensalidade(contrato, quando, valor, problemas=problemas(esboco, itens, contexto))


def _dados(contrato: Contrato, competencia: date, emissao: date) -> DadosNota | str:
    """The draft of a month, or why there can be none."""
    valor = contrato.valor_na(competencia)
    if valor is None:
        return (
            f"Não se sabe o valor de {format_competencia(competencia)}: o do contrato vale desde "
            f"{format_competencia(contrato.valor_desde)}. Confira “valor em vigor desde”, ou faça esta nota na tela."
        )
    if contrato.empresa.municipio is None:
        return f"{contrato.empresa} não tem município no cadastro. Complete o cadastro da empresa."
    servico = contrato.servico
    return DadosNota(
        empresa=contrato.empresa,
        tomador=contrato.tomador,
        competencia=competencia,
        emissao=emissao,
        municipio_prestacao=contrato.empresa.municipio,
        itens=[item_do_servico(servico, competencia, valor=valor, descricao=contrato.descricao)],
        iss_retido=servico.iss_retido,
        referencia=referencia(contrato.pk, competencia),
        contrato=contrato,
        exigencias=exigencias.do_servico(servico),
    )


def _ja_geradas(contratos: Iterable[Contrato], competencia: date) -> dict[UUID, Nota]:
    """By contrato and month: the referência of a draft may have been changed since."""
    suas = Nota.objects.filter(contrato__in=[contrato.pk for contrato in contratos], competencia=competencia)
    vivas = suas.exclude(situacao=Nota.Situacao.ABANDONADA).select_related("operacao", "canal").order_by("pk")
    return {nota.contrato_id: nota for nota in vivas if nota.contrato_id is not None}


@dataclass(frozen=True)
class Geracao:
    """What became of the contratos: drafts made now, how many had theirs already, and why some can have none."""

    criadas: list[Nota]
    existentes: int
    fora: list[Mensalidade]

    def __str__(self) -> str:
        ditas = [contar(len(self.criadas), "rascunho criado", "rascunhos criados")] if self.criadas else []
        if self.existentes:
            ditas.append(
                contar(self.existentes, "contrato já tinha a nota do mês", "contratos já tinham a nota do mês")
            )
        return "; ".join(ditas) or "Nenhum rascunho criado"


def gerar(contratos: Iterable[UUID], competencia: date, usuario: Usuario, *, emissao: date | None = None) -> Geracao:
    """Make the drafts of these contratos that are in force in the competência and have no note of it. Asked twice, by
    two people even, each is made once. One audit row, none when nothing was made."""
    with transaction.atomic():
        travados = Contrato.objects.select_for_update(of=("self",)).vigentes(competencia).filter(pk__in=list(contratos))
        em_vigor = list(travados.select_related(*_COM_TUDO).order_by("pk"))
        notas = _ja_geradas(em_vigor, competencia)
        faltam = sorted(
            (contrato for contrato in em_vigor if contrato.pk not in notas),
            key=lambda contrato: (contrato.empresa.ordem, contrato.empresa_id, contrato.ordem, contrato.pk),
        )
        dados, fora = [], []
        for contrato in faltam:
            quando = emissao or data_de_emissao(contrato, competencia)
            feitos = _dados(contrato, competencia, quando)
            if isinstance(feitos, str):
                fora.append(Mensalidade(contrato, quando, contrato.valor_na(competencia), impedimento=feitos))
            else:
                dados.append(feitos)
        criadas = gravar_montadas(montar(dados, usuario), usuario)
        if criadas:
            total = sum((nota.valor_servicos for nota in criadas), Decimal(0))
            registrar(
                usuario=usuario,
                acao="nfse.gerar_dos_contratos",
                resumo=f"{contar(len(criadas), 'rascunho', 'rascunhos')} dos contratos de "
                f"{format_competencia(competencia)}, {format_dinheiro(total)}",
                dados={"competencia": competencia.isoformat(), "notas": [nota.pk for nota in criadas]},
            )
    return Geracao(criadas, len(notas), fora)
