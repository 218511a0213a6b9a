"""Why each company of the month stopped, and the one next thing to do about it."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.urls import reverse

from comum.formatos import format_dinheiro
from credentials.models import Servico
from guias.models import Apuracao, Guia
from guias.services import aprovacao, quadro
from guias.services.acesso import Fora, onde_resolver, sem_acesso
from guias.services.ano_na_receita import DeclaracaoNaReceita, declaradas
from guias.services.fatos import carregar
from guias.services.retificacao import Defasagem, defasagens
from operacoes.models import Operacao


@dataclass
class Linha:
    """One company of the list, with why it stopped and the one next thing to do (label, address; empty when none).
    `defasagem`: its declaration stands on an RBT12 that is not what it was; `declarada_fora`: what the Receita has of
    the month, where the Guichê declared nothing."""

    empresa: Any
    apuracao: Apuracao | None
    operacao: Operacao | None
    guia: Guia | None
    rotulo: str
    tom: str
    detalhe: str = ""
    acao: str = ""
    acao_url: str = ""
    defasagem: Defasagem | None = None
    declarada_fora: DeclaracaoNaReceita | None = None


_ROTULOS = {"simular": "Simular", "conferir": "Conferir", "transmitir": "Transmitir", "das": "Emitir DAS"}


def linhas_de(
    pagina: list[Any],
    competencia: date,
    acoes: Mapping[str, str],
    sem_alcance: Collection[int] = (),
    *,
    com_defasagem: bool = False,
) -> list[Linha]:
    """`acoes`: the next steps by estado, none for who may not take them. `sem_alcance`: those known to lack access, in
    whatever estado; each says why before all else. `com_defasagem`: each transmitted one is computed anew, and the
    others looked for among what was declared elsewhere."""
    apuracoes = {
        a.empresa_id: a
        for a in Apuracao.objects.filter(empresa__in=pagina, competencia=competencia).defer("explicacao")
    }
    operacoes = Operacao.objects.defer("pedido").in_bulk([e.op_pk for e in pagina if e.op_pk])
    guias = {}
    for guia in Guia.objects.filter(apuracao__in=apuracoes.values()).order_by("pk"):
        guias[guia.empresa_id, guia.revisao] = guia
    barradas = [empresa for empresa in pagina if empresa.pk in sem_alcance or empresa.estado in quadro.SEM_ACESSO]
    fora = sem_acesso(Servico.PGDASD, barradas, competencia)
    transmitidas = {pk for pk, a in apuracoes.items() if a.situacao == Apuracao.Situacao.TRANSMITIDA}
    lidos = carregar([e for e in pagina if e.pk in transmitidas], competencia) if transmitidas and com_defasagem else {}
    defasadas = defasagens(lidos.values(), competencia)
    daqui = {pk for pk, apuracao in apuracoes.items() if apuracao.id_declaracao}
    por_declarar = [empresa for empresa in pagina if empresa.pk not in daqui] if com_defasagem else []
    de_fora = declaradas(por_declarar, competencia) if por_declarar else {}
    linhas = []
    for empresa in pagina:
        apuracao = apuracoes.get(empresa.pk)
        rotulo, tom = quadro.ESTADOS[empresa.estado]
        linha = Linha(
            empresa,
            apuracao,
            operacoes.get(empresa.op_pk),
            guias.get((empresa.pk, apuracao.revisao)) if apuracao else None,
            rotulo,
            tom,
            defasagem=defasadas.get(empresa.pk),
            declarada_fora=de_fora.get(empresa.pk),
        )
        _dizer(linha, empresa.estado, fora.get(empresa.pk))
        if linha.defasagem is not None:
            antes, depois = linha.defasagem.rbt12.antes, linha.defasagem.rbt12.depois
            mudou = f"De {format_dinheiro(antes or 0)} para {format_dinheiro(depois or 0)}: considere retificar."
            linha.detalhe = f"{mudou} {linha.detalhe}".strip()
        passo = acoes.get(empresa.estado)
        if passo and not linha.acao and apuracao is not None:
            linha.acao, linha.acao_url = _ROTULOS[passo], reverse("guias:ver", args=[apuracao.pk])
        linhas.append(linha)
    return linhas


def _dizer(linha: Linha, estado: str, fora: Fora | None) -> None:
    """Fill why it stopped and the next action; `fora` is why it cannot be asked about."""
    apuracao, operacao = linha.apuracao, linha.operacao
    if fora is not None:
        linha.detalhe = fora.motivo
        linha.acao, linha.acao_url = onde_resolver(fora)
    elif estado in ("andamento", "duvida", "recusada") and operacao is not None:
        linha.detalhe = operacao.mensagem or operacao.get_situacao_display()
        linha.acao, linha.acao_url = "Ver operação", reverse("operacoes:ver", args=[operacao.pk])
    elif estado == "sem_receita":
        linha.detalhe = "Informe as receitas ou marque sem movimento."
        linha.acao, linha.acao_url = "Informar", f"{reverse('guias:receitas')}?q={linha.empresa.documento}"
    elif estado == "a_simular" and apuracao is not None:
        linha.detalhe = aprovacao.EXIGE_SIMULACAO if apuracao.exige_simulacao else apuracao.impedimento
    elif estado == "impedida" and apuracao is not None:
        linha.detalhe = apuracao.impedimento
        linha.acao, linha.acao_url = "Completar", reverse("guias:historico", args=[apuracao.pk])
    elif estado == "simulada" and apuracao is not None and aprovacao.difere(apuracao):
        diferenca = (apuracao.total_simulado or Decimal(0)) - (apuracao.total_calculado or Decimal(0))
        linha.detalhe, linha.tom = f"Difere do calculado em {format_dinheiro(diferenca)}", "atencao"
    elif estado == "transmitida":
        linha.detalhe = "Falta emitir o DAS."
    elif estado == "emitida" and linha.guia is not None:
        linha.detalhe = f"{format_dinheiro(linha.guia.total)} até {linha.guia.limite:%d/%m/%Y}"
    elif estado == "conferida":
        linha.detalhe = "Falta transmitir."


# -- one apuração --------------------------------------------------------------------------------------------
